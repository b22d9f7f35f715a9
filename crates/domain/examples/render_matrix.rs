//! Prints `docs/order-lifecycle.md`: `just matrix` puts it there.

fn main() {
    print!("{}", domain::testing::matrix::render());
}
