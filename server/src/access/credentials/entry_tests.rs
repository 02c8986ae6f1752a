//! Credentials at their limits: principals, roles, the written form of an entry, and the development credentials.

use crate::access::credentials::*;

fn entry(roles: &[&str], unit: Option<&str>) -> Entry {
    Entry {
        principal: "somebody".to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        unit: unit.map(str::to_owned),
        token_sha256: Some("ab".repeat(32)),
        token: None,
    }
}

#[test]
fn a_principal_is_short_and_says_who_it_is() {
    let named = |principal: String| Entry { principal, ..entry(&["supervisor", "agent"], None) };
    let (digest, caller) = named("a".repeat(128)).check().expect("as long as it may be");
    assert_eq!(digest, [0xab; 32]);
    let roles = vec![Role::Agent, Role::Supervisor];
    assert_eq!(caller, Caller { principal: "a".repeat(128), roles, ..Caller::default() });
    for wrong in ["a".repeat(129), "a\nb".to_owned(), "a\u{7f}".to_owned()] {
        assert!(named(wrong).check().is_err_and(|error| error.contains("1 to 128")));
    }
    let (_, unit) = entry(&["unit"], Some("dept-tax")).check().expect("a unit");
    assert_eq!((unit.roles, unit.unit), (vec![Role::Unit], Some(UnitCode("dept-tax".to_owned()))));
}

#[test]
fn a_role_is_read_by_its_name() {
    assert_eq!((role_name(Role::Agent).as_str(), role_of("agent")), ("agent", Some(Role::Agent)));
    assert_eq!(["unspecified", "", "king"].map(role_of), [None; 3]);
}

#[test]
fn an_entry_is_written_as_a_file_has_it() {
    let (made, _) = Entry::make("somebody", &[Role::Unit], Some("dept-tax")).expect("randomness");
    let file: File = toml::from_str(&made.to_toml().expect("it can be written")).expect("a file");
    let [read] = file.credential.as_slice() else { panic!("one entry") };
    assert_eq!((&read.principal, &read.unit), (&"somebody".to_owned(), &Some("dept-tax".to_owned())));
    assert_eq!(read.check().map(|(digest, _)| digest), made.check().map(|(digest, _)| digest));
}

#[test]
fn development_credentials_are_made_once_and_for_everybody() {
    let folder = std::env::temp_dir().join(format!("hotline-development-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let units = |units: &[&str]| units.iter().map(|unit| (*unit).to_owned()).collect::<Vec<_>>();
    let shown = || {
        let text = std::fs::read_to_string(folder.join(development::TOKENS)).expect("it is there");
        toml::from_str::<File>(&text).expect("a file")
    };
    let (first, path) =
        Credentials::development(&folder, &units(&["dept-tax"]), "http://one").expect("it can be made");
    assert_eq!((first.len(), first.is_empty(), path), (9, false, folder.join(development::TOKENS)));
    let made = shown();
    assert_eq!(made.endpoint.as_deref(), Some("http://one"));
    for entry in &made.credential {
        let token = entry.token.as_deref().expect("tools read the token");
        assert_eq!(entry.token_sha256, None);
        let caller = first.caller_of(token).expect("the server knows the token");
        assert_eq!(caller.principal, entry.principal);
    }
    let names: Vec<_> = made.credential.iter().map(|entry| entry.principal.as_str()).collect();
    let last = ["dev-administrator", "dev-administrator-2", "dev-unit-dept-tax"];
    assert_eq!((&names[..2], &names[6..]), (&["dev-telephony", "dev-agent"][..], &last[..]));

    // A later start keeps the tokens and writes the new endpoint. A new unit changes no other entry.
    Credentials::development(&folder, &units(&["dept-tax"]), "http://two").expect("it is kept");
    let kept = shown();
    assert_eq!(kept.endpoint.as_deref(), Some("http://two"));
    let tokens = |file: &File| file.credential.iter().map(|one| one.token.clone()).collect::<Vec<_>>();
    assert_eq!(tokens(&kept), tokens(&made));
    let (more, _) = Credentials::development(&folder, &units(&["dept-tax", "dept-water"]), "http://three")
        .expect("one is added");
    assert_eq!(tokens(&shown())[..made.credential.len()], tokens(&made));
    // Issued tokens stay valid if the file of digests is lost.
    std::fs::remove_file(folder.join(development::DIGESTS)).expect("it was written");
    let before = tokens(&shown());
    let again = Credentials::development(&folder, &units(&["dept-tax"]), "http://four");
    let after = tokens(&shown());
    std::fs::remove_dir_all(&folder).expect("it was there");
    assert_eq!((more.len(), again.expect("it is made again").0.len()), (10, 9));
    assert_eq!(after, before);
    assert!(Credentials::default().is_empty());
}
