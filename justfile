# Thin names over commands that work without `just` as well.

# Format, lints, documentation
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- --deny warnings
    RUSTDOCFLAGS='--deny warnings' cargo doc --workspace --no-deps

# The domain's own tests: no network, disk or clock
test:
    cargo test -p domain

# The store against a real PostgreSQL
test-db:
    cargo test -p adapters-db -p private-pg

# Everything
test-all:
    cargo test --workspace

# Serve on http://127.0.0.1:8080
run:
    cargo run

# One buy and one sell from end to end; `just demo --chain ethereum` on anvil
demo *args:
    cargo run -- demo {{args}}

# Bring the database of DATABASE_URL up to date
migrate:
    cargo run -- migrate

# Render docs/order-lifecycle.md from the order table
matrix:
    cargo run -q -p domain --example render_matrix --features test-support > docs/order-lifecycle.md

# The benchmark, with the database's own limit beside every row (about 10 minutes; needs wrk)
bench *args:
    cargo run --release -p bench -- {{args}}

# The processes under faults of every knob of every twin, then a verdict (15 minutes at 10 %)
soak *args:
    cargo run --release -p e2e --example soak -- {{args}}

# schemathesis against a running service
fuzz-api:
    .ci/fuzz-api

# libFuzzer on what the rail sends: bodies of callbacks and errors
fuzz *args:
    .ci/fuzz {{args}}

# What has to pass before a change lands
ci:
    .ci/run
