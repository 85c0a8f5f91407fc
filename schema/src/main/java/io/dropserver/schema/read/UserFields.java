package io.dropserver.schema.read;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.User;
import io.dropserver.schema.text.UnsafeCharacters;

/** Reads the spec of a User. */
final class UserFields {
  private UserFields() {}

  static User read(String name, Location location, MappingFields spec) {
    String displayName = spec.text("displayName").orElse(name);
    if (displayName.isBlank() || UnsafeCharacters.NAME.isIn(displayName)) {
      spec.problem(
          "displayName",
          "displayName has invisible characters, or no visible character",
          "write a name without control or direction characters");
    }
    return new User(
        name,
        location,
        displayName,
        YamlEnums.of(spec.text("role"), User.Role.class, User.Role.MEMBER));
  }
}
