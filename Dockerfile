# Two stages: a static binary is built with Go, and runs as a user without rights in a small image.
#
#   docker build -t pigonair .
#   docker run --env-file pigonair.env pigonair migrate
#   docker run --env-file pigonair.env --stop-timeout 30 -p 8080:8080 pigonair serve
#   docker run --env-file pigonair.env --stop-timeout 60 pigonair worker

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The revision is stamped from .git; `pigonair version` prints it. Zone data and all assets are in the binary.
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=true -ldflags="-s -w" -o /out/pigonair ./cmd/pigonair \
 && /out/pigonair version
# The licence texts of every module in the binary go with it.
RUN go list -deps -f '{{with .Module}}{{if .Version}}{{.Path}} {{.Dir}}{{end}}{{end}}' ./cmd/pigonair | sort -u \
 | while read -r module dir; do \
     mkdir -p "/out/licences/$module"; \
     find "$dir" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' \) -exec cp {} "/out/licences/$module/" \; ; \
   done \
 && mkdir -p /out/licences/pigonair && cp LICENSE docs/licences.md /out/licences/pigonair/

# A base with a shell's tools, because the health check needs wget.
FROM alpine:3.22
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/licences /licences
COPY --from=build /out/pigonair /usr/local/bin/pigonair
# The program writes no files when it serves or works, so the file system may be mounted read-only.
USER 65532:65532
ENV PIGONAIR_ADDR=0.0.0.0:8080
EXPOSE 8080
# Whether the process lives; whether it may take traffic is /readyz, which is for the load balancer to ask. The
# internal listener stays on the container's loopback unless PIGONAIR_INTERNAL_ADDR says otherwise.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["wget", "-Y", "off", "-q", "-O", "/dev/null", "http://127.0.0.1:8081/healthz"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/pigonair"]
CMD ["serve"]
