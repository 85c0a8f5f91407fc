package io.dropserver.schema.read;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.GitRepositorySource;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.Follow;
import io.dropserver.schema.instance.VersionRange;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Reads {@code follow} of an App. */
final class FollowFields {
  private FollowFields() {}

  /** Returns the section; empty if it is absent or has problems, which are reported. */
  static Optional<Follow> read(MappingFields spec, List<AppVersion> versions) {
    if (!spec.has("follow")) {
      return Optional.empty();
    }
    MappingFields fields = spec.fields("follow");
    VersionRange range =
        fields.text("range").map(text -> range(fields, text)).orElse(VersionRange.ALL);
    Optional<Follow.Origin> origin = origin(fields, versions);
    return origin.map(
        from ->
            new Follow(
                spec.location("follow"),
                from,
                range,
                AmountType.DURATION
                    .read(fields, "interval", Follow.MIN_INTERVAL, Follow.MAX_INTERVAL)
                    .orElse(Follow.DEFAULT_INTERVAL),
                YamlEnums.of(fields.text("merge"), Follow.Merge.class, Follow.Merge.NEVER)));
  }

  private static VersionRange range(MappingFields fields, String text) {
    Optional<VersionRange> range = VersionRange.parse(text);
    if (range.isEmpty()) {
      fields.problem(
          "range",
          Quoting.quote(text) + " is not a range of versions",
          "write it as npm does, as in ^5.4, ~1.2, 1.x or \">=1.2 <3\"");
    }
    return range.orElse(VersionRange.ALL);
  }

  private static Optional<Follow.Origin> origin(MappingFields fields, List<AppVersion> versions) {
    Optional<AppVersion> newest = App.newest(versions);
    if (newest.isEmpty()) {
      fields.problem(
          fields.location(),
          "`follow` needs a version with three numbers, such as 1.0.0, to start from",
          "add one under versions, or remove `follow`");
      return Optional.empty();
    }
    return switch (newest.get().source()) {
      case NpmSource _ -> registry(fields);
      case GitRepositorySource _ -> tags(fields);
      case PackageSource _ -> listing(fields);
      case PathSource _ -> {
        fields.problem(
            fields.location(),
            "the newest version, %s, is a folder of this repository, which has no other origin"
                .formatted(newest.get().version()),
            "remove `follow`");
        yield Optional.empty();
      }
    };
  }

  private static Optional<Follow.Origin> registry(MappingFields fields) {
    refuse(fields, "npm", List.of("tags", "listing"));
    if (!fields.has("range")) {
      fields.problem(
          fields.location(), "`follow` of a package from npm lacks `range`", "write range: ^5.4");
    }
    return Optional.of(new Follow.Registry());
  }

  private static Optional<Follow.Origin> tags(MappingFields fields) {
    refuse(fields, "git", List.of("listing"));
    String pattern = fields.text("tags").orElse("");
    boolean oneStar = pattern.indexOf('*') >= 0 && pattern.indexOf('*') == pattern.lastIndexOf('*');
    if (!oneStar) {
      fields.problem(
          "tags",
          "`follow` of a Git repository lacks a pattern of tags with one *",
          "write tags: \"v*\"; the * stands for the version");
      return Optional.empty();
    }
    return Optional.of(new Follow.Tags(pattern));
  }

  private static Optional<Follow.Origin> listing(MappingFields fields) {
    refuse(fields, "package", List.of("tags"));
    Optional<URI> url =
        fields
            .uri("listing")
            .filter(uri -> "https".equals(uri.getScheme()) && uri.getHost() != null)
            .filter(uri -> uri.getRawUserInfo() == null);
    if (url.isEmpty()) {
      fields.problem(
          "listing",
          "`follow` of a package lacks the https URL of its listing",
          "write listing: https://example.org/weather.json; docs/operate/updates.md has the"
              + " format");
    }
    return url.map(Follow.Listing::new);
  }

  private static void refuse(MappingFields fields, String source, List<String> others) {
    for (String other : others) {
      if (fields.has(other)) {
        fields.problem(
            other,
            "`%s` does not fit the newest version, whose source is `%s`".formatted(other, source),
            "remove it");
      }
    }
  }
}
