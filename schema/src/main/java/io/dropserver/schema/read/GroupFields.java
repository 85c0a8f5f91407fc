package io.dropserver.schema.read;

import io.dropserver.schema.document.IssuerField;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Group.Claim;
import io.dropserver.schema.instance.Group.Member;
import io.dropserver.schema.instance.Location;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads the spec of a Group. */
final class GroupFields {
  private GroupFields() {}

  static Group read(String name, Location location, MappingFields spec) {
    List<Member> members =
        spec.scalars("members").stream()
            .map(scalar -> new Member(scalar.location(), scalar.text()))
            .toList();
    return new Group(name, location, members, claims(spec));
  }

  private static List<Claim> claims(MappingFields spec) {
    Set<Claim> claims = new LinkedHashSet<>();
    for (MappingFields item : spec.list("claims")) {
      claims.add(new Claim(IssuerField.read(item), item.text("value").orElse("")));
    }
    return List.copyOf(claims);
  }
}
