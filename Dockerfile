# syntax=docker/dockerfile:1
# The image of the agent: a Node without npm, a bundle, and the ready-made pipelines.
#
#   docker build --tag pillion .
#   docker build --tag pillion --build-arg BASE_IMAGE=gcr.io/distroless/nodejs24-debian12 --build-arg NODE=/nodejs/bin/node .
#   node tools/image.ts image && docker build --tag pillion --build-context files=image .
#
# The second form takes a base without a shell; the third one takes what was built outside, and needs no npm inside.
ARG BUILD_IMAGE=docker.io/library/node:24-slim
ARG BASE_IMAGE=docker.io/library/node:24-slim

FROM ${BUILD_IMAGE} AS build
# Where Node lies in the base image.
ARG NODE=/usr/local/bin/node
WORKDIR /src
COPY package.json package-lock.json ./
# The scripts of packages only fetch what the image has: a Node.
RUN ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
COPY . .
RUN ["npm", "run", "build"]
RUN ["node", "tools/image.ts", "/image"]

FROM scratch AS files
COPY --from=build /image /

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Pillion" \
      org.opencontainers.image.description="Log-collection and adapter sidecar: tails the files of an application, delivers OTLP, and can prove that nothing was lost" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=files /root/ /
# For what runs without a volume there; with a root file system that is read-only there has to be one.
COPY --from=files --chown=65532:65532 /state/ /var/lib/
ENV PATH=/usr/local/bin:/nodejs/bin:/usr/bin:/bin
USER 65532:65532
WORKDIR /var/lib/pillion
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["pillion", "status", "--ready"]
ENTRYPOINT ["pillion"]
CMD ["run"]
