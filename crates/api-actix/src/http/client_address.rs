//! Who is calling, through proxies: only ours are believed, from the right. The left-most entry of
//! `X-Forwarded-For` is whatever the caller likes.

use std::net::IpAddr;

use actix_web::HttpRequest;
use ipnet::IpNet;

/// The address of whoever called the outermost of our own proxies; `None` when there is no peer (a
/// test) or a proxy of ours names none.
pub fn client_address(request: &HttpRequest, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let lines = request.headers().get_all("x-forwarded-for");
    let hops: Vec<&str> =
        lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).collect();
    outermost(peer, &hops, trusted)
}

fn outermost(peer: IpAddr, hops: &[&str], trusted: &[IpNet]) -> Option<IpAddr> {
    let is_ours = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    for hop in hops.iter().rev() {
        if !is_ours(&client) {
            break;
        }
        client = hop.trim().parse::<IpAddr>().ok()?.to_canonical();
    }
    Some(client)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, hops: &[&str], trusted: &[&str]) -> Option<String> {
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().expect("net")).collect();
        outermost(peer.parse().expect("peer"), hops, &trusted).map(|address| address.to_string())
    }

    #[test]
    fn only_our_own_proxies_are_believed_and_from_the_right() {
        let ours = ["10.0.0.0/8"];
        let rail = "196.201.214.200";
        assert_eq!(seen("1.2.3.4", &[rail], &ours).as_deref(), Some("1.2.3.4"), "no proxy of ours");
        assert_eq!(seen("10.0.0.1", &[rail], &ours).as_deref(), Some(rail));
        assert_eq!(
            seen("10.0.0.1", &[rail, "1.2.3.4"], &ours).as_deref(),
            Some("1.2.3.4"),
            "what the caller wrote itself stands left of what our proxy saw"
        );
        assert_eq!(seen("10.0.0.1", &[rail, "10.0.0.2"], &ours).as_deref(), Some(rail));
        assert_eq!(seen("10.0.0.1", &["nonsense"], &ours), None);
        assert_eq!(seen("10.0.0.1", &[rail], &[]).as_deref(), Some("10.0.0.1"));
    }
}
