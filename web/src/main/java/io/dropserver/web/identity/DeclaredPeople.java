package io.dropserver.web.identity;

import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.state.site.Person;
import io.dropserver.web.openid.Provider;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The users of the served revision, and the accounts with which they log in. Thread-safe. */
final class DeclaredPeople {
  private final Set<String> issuers;
  private volatile Map<String, Person> byName = Map.of();

  DeclaredPeople(Collection<Provider> providers) {
    issuers = providers.stream().map(Provider::issuer).collect(Collectors.toUnmodifiableSet());
  }

  void replace(Map<String, Person> declared) {
    byName = Map.copyOf(declared);
  }

  Map<String, Person> all() {
    return byName;
  }

  Optional<Person> find(String user) {
    return Optional.ofNullable(byName.get(user));
  }

  /**
   * Returns the user of an account; empty if two users declare it. A retained user can have the
   * account that the newest revision gives to another user.
   */
  Optional<Person> find(ProviderAccount account) {
    List<Person> found =
        byName.values().stream().filter(person -> person.accounts().contains(account)).toList();
    return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
  }

  /** Returns the accounts with which a person can log in. */
  List<ProviderAccount> accounts(Person person) {
    return person.accounts().stream()
        .filter(account -> issuers.contains(account.issuer()))
        .toList();
  }

  /**
   * Returns whether the user of a session is still declared, with the account that logged in and
   * its provider.
   */
  boolean mayContinue(Session session) {
    Optional<Person> person = find(session.user());
    return person.isPresent()
        && session.account().filter(used -> !accounts(person.get()).contains(used)).isEmpty();
  }
}
