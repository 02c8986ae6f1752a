//! Variables that Kubernetes puts into every pod of a namespace for each Service in it: `HOTLINE_SERVICE_HOST`,
//! `HOTLINE_PORT=tcp://…`. A Service whose name begins with `hotline` gives them the prefix of the configuration.
//!
//! A variable is one of them by its name and by its value, so that a misspelled key of the configuration is still
//! refused.

use std::net::IpAddr;

const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

fn is_port(value: &str) -> bool {
    value.parse::<u16>().is_ok()
}

fn is_url(value: &str) -> bool {
    PROTOCOLS.iter().any(|protocol| {
        value.strip_prefix(protocol).and_then(|rest| rest.strip_prefix("://")).is_some_and(|rest| {
            rest.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && is_port(port))
        })
    })
}

/// Whether a name ends in `_port_<number>_<protocol>`, as the names for one port do.
fn names_port(name: &str) -> bool {
    let Some((rest, protocol)) = name.rsplit_once('_') else { return false };
    let Some((rest, port)) = rest.rsplit_once('_') else { return false };
    PROTOCOLS.contains(&protocol) && is_port(port) && (rest == "port" || rest.ends_with("_port"))
}

/// Whether a variable is a service link. The name is in lower case and has no prefix: `service_host`.
pub(super) fn is_service_link(name: &str, value: &str) -> bool {
    let ends = |end: &str| name == end || name.strip_suffix(end).is_some_and(|rest| rest.ends_with('_'));
    let of_port = |end: &str| name.strip_suffix(end).is_some_and(names_port);
    let is_named_port = name.starts_with("service_port_") || name.contains("_service_port_");
    (ends("service_host") && value.parse::<IpAddr>().is_ok())
        || ((ends("service_port") || is_named_port) && is_port(value))
        || ((ends("port") || names_port(name)) && is_url(value))
        || (of_port("_proto") && PROTOCOLS.contains(&value))
        || (of_port("_port") && is_port(value))
        || (of_port("_addr") && value.parse::<IpAddr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_of_services_are_known_by_name_and_value() {
        for (name, value) in [
            ("service_host", "10.0.0.1"),
            ("service_host", "fd00::1"),
            ("service_port", "7312"),
            ("service_port_grpc", "7312"),
            ("service_port_grpc_web", "443"),
            ("port", "tcp://10.0.0.1:7312"),
            ("port", "tcp://[fd00::1]:7312"),
            ("port_7312_tcp", "tcp://10.0.0.1:7312"),
            ("port_7312_tcp_proto", "tcp"),
            ("port_7312_tcp_port", "7312"),
            ("port_7312_tcp_addr", "10.0.0.1"),
            ("server_port", "tcp://10.0.0.1:7312"),
            ("server_service_host", "10.0.0.1"),
            ("server_service_port", "7312"),
            ("server_service_port_metrics", "9090"),
            ("server_port_9090_udp_addr", "10.0.0.1"),
        ] {
            assert!(is_service_link(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("port", "7312"),
            ("port", "tcp://"),
            ("port", "http://10.0.0.1:80"),
            ("service_host", "hotline.example"),
            ("service_port", "grpc"),
            ("listen", "10.0.0.1:7312"),
            ("listen_port", "7312"),
            ("support", "tcp://10.0.0.1:7312"),
            ("port_7312_tcp_proto", "http"),
            ("port_tcp_addr", "10.0.0.1"),
            ("database", "postgres://user@host:5432/hotline"),
        ] {
            assert!(!is_service_link(name, value), "{name}={value}");
        }
    }
}
