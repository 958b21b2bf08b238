# docker build -t clean-systems .     (podman and buildah take the same arguments, and find this name too)
#
# The image has Node and npm for both processors, amd64 and arm64.
ARG BASE=docker.io/library/node:26-trixie-slim

FROM ${BASE} AS packages
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client
WORKDIR /srv/site
COPY package.json package-lock.json .npmrc ops/packages ./
RUN ./packages --omit=optional

FROM ${BASE}
# ca-certificates verifies SMTP servers and webhooks, BACKUP_TO may use rsync and ssh, and pg_dump needs libpq5.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates rsync openssh-client libpq5 && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin clean-systems \
  && install -d -o clean-systems -g clean-systems -m 700 /data /data-backups
WORKDIR /srv/site
COPY --from=packages /srv/site/node_modules node_modules
# Backups need pg_dump. It is copied alone, because its package would also bring Perl, and 77 MB more.
COPY --from=packages /usr/lib/postgresql/*/bin/pg_dump /usr/local/bin/
COPY package.json package-lock.json LICENSE ./
COPY src src
COPY views views
COPY static static
COPY articles articles
COPY ops/site /usr/local/bin/
ENV NODE_ENV=production DATA_DIR=/data HOST=0.0.0.0
USER clean-systems
VOLUME /data /data-backups
EXPOSE 3000
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT ?? 3000) + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "--require", "./src/check-node.cjs", "src/main.ts"]
