package io.dropserver.schema.read;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Node.Scalar;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.Appspace.AppReference;
import io.dropserver.schema.instance.Appspace.DeletionPolicy;
import io.dropserver.schema.instance.Appspace.DesiredState;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.Appspace.MemberEntry;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Location;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the spec of an Appspace. Limits and backup are resolved later, see {@link Overrides}. */
final class AppspaceFields {
  private AppspaceFields() {}

  static Appspace read(String name, Location location, Location nameLocation, MappingFields spec) {
    MappingFields app = spec.fields("app");
    String renamedFrom = spec.text("renamedFrom").orElse("");
    if (!renamedFrom.isEmpty() && renamedFrom.equals(name)) {
      spec.problem(
          "renamedFrom",
          "renamedFrom is the appspace's own name",
          "write the earlier name, or remove the key");
    }
    String host = spec.text("host").orElse(name);
    if (ReservedNames.isHost(host)) {
      Location at = spec.has("host") ? spec.location("host") : nameLocation;
      spec.problem(
          at, "the host " + Quoting.quote(host) + " is reserved", "choose another with `host:`");
    }
    return new Appspace(
        name,
        location,
        new AppReference(
            app.location("version"), app.text("name").orElse(""), app.text("version").orElse("")),
        host,
        CustomHostNames.read(spec),
        spec.text("owner").orElse(""),
        YamlEnums.of(spec.text("access"), AccessMode.class, AccessMode.MEMBERS),
        members(spec),
        Limits.DEFAULT,
        BackupPolicy.DEFAULT,
        YamlEnums.of(spec.text("state"), DesiredState.class, DesiredState.RUNNING),
        YamlEnums.of(spec.text("isolation"), Isolation.class, Isolation.NAMESPACES),
        config(spec),
        publicPaths(spec),
        JobFields.settings(spec.fields("jobs")),
        spec.text("renamedFrom"),
        YamlEnums.of(spec.text("deletion"), DeletionPolicy.class, DeletionPolicy.RETAIN));
  }

  private static List<MemberEntry> members(MappingFields spec) {
    List<MemberEntry> members = new ArrayList<>();
    Map<String, Location> seenUsers = new HashMap<>();
    Map<String, Location> seenGroups = new HashMap<>();
    for (MappingFields item : spec.list("members")) {
      boolean group = item.has("group");
      String key = group ? "group" : "user";
      item.requireNew(
          key, "member", "merge it with the entry on line", group ? seenGroups : seenUsers);
      members.add(
          new MemberEntry(
              item.location(key),
              group ? Kind.GROUP : Kind.USER,
              item.text(key).orElse(""),
              item.texts("permissions")));
    }
    return List.copyOf(members);
  }

  private static SortedMap<String, String> config(MappingFields spec) {
    SortedMap<String, String> config = new TreeMap<>();
    for (Node.MappingEntry mappingEntry : spec.entries("config")) {
      checkVariable(spec, mappingEntry);
      if (mappingEntry.value() instanceof Scalar scalar) {
        config.put(mappingEntry.key(), scalar.text());
      }
    }
    return Collections.unmodifiableSortedMap(config);
  }

  private static void checkVariable(MappingFields spec, Node.MappingEntry mappingEntry) {
    VariableNames.check(spec, mappingEntry, "the setting");
    if (mappingEntry.value() instanceof Scalar scalar && scalar.text().indexOf('\0') >= 0) {
      spec.problem(
          scalar.location(),
          "the setting " + mappingEntry.key() + " contains a NUL character",
          "remove it");
    }
  }

  private static List<String> publicPaths(MappingFields spec) {
    List<String> paths = new ArrayList<>();
    for (Scalar scalar : spec.scalars("publicPaths")) {
      if (!isPublicPath(scalar.text())) {
        spec.problem(
            scalar.location(),
            Quoting.quote(scalar.text()) + " is not a valid path",
            "begin with /, without .., //, *, ?, # and %; end with / for everything below");
      }
      paths.add(scalar.text());
    }
    return List.copyOf(paths);
  }

  private static boolean isPublicPath(String path) {
    if (!path.startsWith("/") || path.startsWith("/.dropserver")) {
      return false;
    }
    boolean plain =
        path.codePoints().allMatch(c -> c > 32 && c < 127 && "?#%*\\\"<>".indexOf(c) < 0);
    String inner =
        path.endsWith("/") ? path.substring(1, Math.max(1, path.length() - 1)) : path.substring(1);
    return plain && (path.equals("/") || RelativePaths.isInside(inner));
  }
}
