# Lethe as a module for mercure: one static file, which needs no user, no network, no capability and no folder but the
# two that it is given. docs/MERCURE.md says how to set it up.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /lethe
COPY . .
RUN docker/build.sh /image/lethe

FROM scratch
COPY --from=build /image/lethe /lethe
USER 65534:65534
ENTRYPOINT ["/lethe"]
