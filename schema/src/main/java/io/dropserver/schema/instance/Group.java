package io.dropserver.schema.instance;

import java.util.List;

/**
 * Kind {@code Group}: users whom the members list of an appspace can name together.
 *
 * @param members without duplicates
 * @param claims without duplicates; a user who logs in with one of them is a member for a while
 */
public record Group(String name, Location location, List<Member> members, List<Claim> claims)
    implements Resource {

  public Group {
    members = List.copyOf(members);
    claims = List.copyOf(claims);
  }

  @Override
  public Kind kind() {
    return Kind.GROUP;
  }

  public record Member(Location location, String user) {}

  /**
   * A group of an OpenID Connect provider.
   *
   * @param issuer the provider's issuer, exactly as the provider writes it
   * @param value the group, exactly as the provider writes it
   */
  public record Claim(String issuer, String value) {}
}
