# whalecurve in a container: kernels compiled when the image is built, no privileges, a root that may be read-only.
#   docker build -t whalecurve .
#   docker run --rm --read-only --tmpfs /tmp -v /srv/orders:/orders:ro -v scores:/data whalecurve score /orders --out scores
FROM python:3.13-slim AS build
COPY . /source
RUN python -m venv /opt/whalecurve
RUN /opt/whalecurve/bin/pip install --no-cache-dir "/source[cloud,delta,databases]"

FROM python:3.13-slim
COPY --from=build /opt/whalecurve /opt/whalecurve
# Code for any processor of this architecture: the image may run on another one than it was built on.
ENV PATH=/opt/whalecurve/bin:$PATH NUMBA_CPU_NAME=generic
RUN whalecurve warmup --quiet
RUN install -d -o 65532 -g 65532 /data
WORKDIR /data
USER 65532:65532
ENTRYPOINT ["whalecurve"]
