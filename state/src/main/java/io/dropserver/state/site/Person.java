package io.dropserver.state.site;

import io.dropserver.schema.instance.ProviderAccount;
import java.util.List;

/**
 * A user of the served revision.
 *
 * @param name in the repository
 * @param displayName plain text
 * @param accounts accounts at OpenID Connect providers that are this user
 * @param owner whether the user owns an appspace
 */
public record Person(
    String name, String displayName, boolean admin, boolean owner, List<ProviderAccount> accounts) {
  public Person {
    accounts = List.copyOf(accounts);
  }

  /** Creates a person without accounts at providers. */
  public Person(String name, String displayName, boolean admin, boolean owner) {
    this(name, displayName, admin, owner, List.of());
  }
}
