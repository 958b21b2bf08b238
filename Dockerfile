# docker build -t clean-systems .     (podman and buildah take the same arguments, and find this name too)
#
# The packages contain the Node that the site runs on, for Linux x64. On arm64, pass an image that has Node 26 and npm:
#   docker build --build-arg BASE=docker.io/library/node:26.12.1-trixie-slim -t clean-systems .
ARG BASE=docker.io/library/debian:trixie-slim

FROM ${BASE} AS packages
RUN command -v npm >/dev/null || { apt-get update && apt-get install -y --no-install-recommends ca-certificates libatomic1 npm; }
WORKDIR /srv/site
COPY package.json package-lock.json .npmrc ops/packages ./
RUN ./packages

FROM ${BASE}
# ca-certificates: SMTP servers and webhooks are verified. libatomic1: Node 26 needs it.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libatomic1 && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin clean-systems \
  && install -d -o clean-systems -g clean-systems -m 700 /data /data-backups
WORKDIR /srv/site
COPY --from=packages /srv/site/node_modules node_modules
COPY package.json package-lock.json LICENSE ./
COPY src src
COPY views views
COPY static static
COPY articles articles
COPY ops/site /usr/local/bin/
ENV PATH=/srv/site/node_modules/.bin:$PATH NODE_ENV=production DATA_DIR=/data HOST=0.0.0.0
USER clean-systems
VOLUME /data /data-backups
EXPOSE 3000
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT ?? 3000) + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "--require", "./src/check-node.cjs", "src/main.ts"]
