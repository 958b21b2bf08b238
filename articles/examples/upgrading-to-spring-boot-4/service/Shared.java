package service;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.cache.interceptor.SimpleKey;
import org.springframework.data.domain.PageImpl;
import org.springframework.data.domain.PageRequest;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;

/** Objects that two versions share through a session store or a cache. */
class Shared {

    static byte[] bytes(Object object) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    /** Returns "read", or why it could not be read. */
    static String read(byte[] bytes) {
        try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            in.readObject();
            return "read";
        } catch (ClassNotFoundException e) {
            return "class not found: " + e.getMessage();
        } catch (Exception e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }

    /** Objects that need no request to exist. */
    static Map<String, Object> objects() {
        var objects = new LinkedHashMap<String, Object>();
        var token = new OidcIdToken("e30", Instant.EPOCH, Instant.EPOCH.plusSeconds(60),
                Map.of("sub", "ada"));
        var user = new DefaultOidcUser(AuthorityUtils.createAuthorityList("ROLE_USER"), token);
        objects.put("an OpenID login", new SecurityContextImpl(
                new OAuth2AuthenticationToken(user, user.getAuthorities(), "provider")));
        objects.put("an OpenID login that has begun", OAuth2AuthorizationRequest.authorizationCode()
                .authorizationUri("http://localhost/authorize").clientId("shop").build());
        objects.put("a page of results", new PageImpl<>(List.of("a"), PageRequest.of(0, 1), 2));
        objects.put("a cache key", new SimpleKey("a", 1));
        return objects;
    }
}
