//! The hosts of a PostgreSQL database: `postgres://user@one:5432,two:5432/name`, as libpq writes it.
//!
//! sqlx connects to one host. So the list is split into one URL for each host, and `host_search` finds the host that
//! takes writes.

/// Hosts of one database at most.
const HOSTS_MAX: usize = 8;
/// A parameter of libpq that says which host to choose. The server always writes, so it has no effect here.
const SESSION_PARAMETER: &str = "target_session_attrs=";

/// One host of a database.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseHost {
    /// The URL with this host alone. It may hold a password, so it is never shown.
    url: String,
    /// The host and its port as they were written, for logs.
    name: String,
}

impl std::fmt::Debug for DatabaseHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DatabaseHost").field(&self.name).finish()
    }
}

impl DatabaseHost {
    /// Reads the hosts of a URL, in the order in which they are written.
    ///
    /// # Errors
    /// What is wrong with it; never the URL itself.
    pub fn list(url: &str) -> Result<Vec<Self>, String> {
        let scheme = ["postgres://", "postgresql://"].into_iter().find(|scheme| url.starts_with(scheme));
        let scheme = scheme.ok_or("the address of PostgreSQL begins with postgres://")?;
        let rest = &url[scheme.len()..];
        let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
        // A password may hold a slash or an @ that is not escaped; the host has neither.
        let (user, place) = match place.rsplit_once('@') {
            Some((user, place)) => (format!("{user}@"), place),
            None => (String::new(), place),
        };
        let (hosts, path) = place.find('/').map_or((place, ""), |slash| place.split_at(slash));
        let query = query_of(query)?;
        let hosts: Vec<&str> = hosts.split(',').collect();
        if hosts.len() > HOSTS_MAX {
            return Err(format!("{} hosts; a database may have {HOSTS_MAX}", hosts.len()));
        }
        if hosts.len() > 1 && hosts.iter().any(|host| host.is_empty() || host.starts_with(':')) {
            return Err("one of several hosts has no name".to_owned());
        }
        let of = |host: &str| Self {
            url: format!("{scheme}{user}{host}{path}{query}"),
            name: if host.is_empty() { "local".to_owned() } else { host.to_owned() },
        };
        Ok(hosts.into_iter().map(of).collect())
    }

    /// The URL with this host alone.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The host and its port, for logs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The parameters without the one that chooses a host.
fn query_of(query: Option<&str>) -> Result<String, String> {
    let kept: Vec<_> = query
        .into_iter()
        .flat_map(|all| all.split('&'))
        .filter(|one| !one.starts_with(SESSION_PARAMETER))
        .collect();
    let is_list = |one: &&str| {
        ["host=", "hostaddr=", "port="].iter().any(|key| one.starts_with(key)) && one.contains(',')
    };
    if kept.iter().any(is_list) {
        return Err(
            "several hosts stand before the name of the database: postgres://user@one:5432,two:5432/name"
                .to_owned(),
        );
    }
    Ok(if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(url: &str) -> Vec<String> {
        let hosts = DatabaseHost::list(url).unwrap_or_else(|why| panic!("{url}: {why}"));
        hosts.iter().map(|host| host.url().to_owned()).collect()
    }

    #[test]
    fn each_host_has_a_url_of_its_own() {
        for (url, expected) in [
            ("postgres://db/hotline", &["postgres://db/hotline"][..]),
            ("postgresql://u@db", &["postgresql://u@db"]),
            (
                "postgres://u:p@one:5432,two:5433/hotline?sslmode=require",
                &[
                    "postgres://u:p@one:5432/hotline?sslmode=require",
                    "postgres://u:p@two:5433/hotline?sslmode=require",
                ],
            ),
            (
                "postgres://u:a,b@c/d@one,two/hotline",
                &["postgres://u:a,b@c/d@one/hotline", "postgres://u:a,b@c/d@two/hotline"],
            ),
            ("postgres://[::1]:1,[::2]:2/h", &["postgres://[::1]:1/h", "postgres://[::2]:2/h"]),
            ("postgres:///h?host=/run/pg", &["postgres:///h?host=/run/pg"]),
            (
                "postgres://one,two/h?target_session_attrs=read-write",
                &["postgres://one/h", "postgres://two/h"],
            ),
        ] {
            assert_eq!(urls(url), expected, "{url}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_used_is_refused_without_its_password() {
        let many = format!("postgres://u:secret@{}/h", ["one"; 9].join(","));
        for (url, words) in [
            ("mysql://u:secret@one/h", "begins with postgres://"),
            ("postgres://u:secret@one,/h", "has no name"),
            ("postgres://u:secret@,two/h", "has no name"),
            ("postgres://u:secret@one,:5433/h", "has no name"),
            ("postgres://u:secret@/h?host=one,two", "before the name of the database"),
            ("postgres://u:secret@one/h?port=1,2", "before the name of the database"),
            (&many, "9 hosts; a database may have 8"),
        ] {
            let why = DatabaseHost::list(url).expect_err(url);
            assert!(why.contains(words) && !why.contains("secret"), "{url}: {why}");
        }
    }

    #[test]
    fn a_host_is_shown_without_its_user_and_password() {
        let hosts = DatabaseHost::list("postgres://u:secret@one:1,two/h").expect("it is a list");
        assert_eq!(format!("{hosts:?}"), r#"[DatabaseHost("one:1"), DatabaseHost("two")]"#);
    }
}
