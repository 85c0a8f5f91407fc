package io.dropserver.schema.instance;

/** Kind {@code User}. Credentials are never stored in Git. */
public record User(String name, Location location, String displayName, Role role)
    implements Resource {

  @Override
  public Kind kind() {
    return Kind.USER;
  }

  public enum Role {
    ADMIN,
    MEMBER
  }
}
