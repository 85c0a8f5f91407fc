package io.dropserver.reconciler.plan;

import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.JobSettings;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Labels;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.User;
import io.dropserver.testing.property.Generator;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Small instances that often share names. */
final class InstanceGenerators {
  private static final List<String> NAMES = List.of("garden", "notes", "yard", "park", "shop");

  private static final Generator<List<Appspace>> APPSPACES =
      ((Generator<Appspace>) InstanceGenerators::appspace).list(0, 4);

  private InstanceGenerators() {}

  static Generator<Desired> desired() {
    return random -> {
      SortedMap<String, Appspace> appspaces = byName(APPSPACES.next(random));
      SortedMap<String, User> users = new TreeMap<>();
      for (String name : List.of("alice", "bob", "carol")) {
        if (random.nextBoolean()) {
          users.put(
              name, new User(name, location(1), name, User.Role.MEMBER, List.of(), List.of()));
        }
      }
      Instance instance = instance(appspaces, users, random.nextBoolean());
      String tree = random.nextBoolean() ? "t1" : "t2";
      return new Desired(instance, appVersion -> Optional.of(tree));
    };
  }

  private static SortedMap<String, Appspace> byName(List<Appspace> list) {
    SortedMap<String, Appspace> all = new TreeMap<>();
    list.forEach(appspace -> all.put(appspace.name(), appspace));
    return all;
  }

  private static Appspace appspace(Random random) {
    String name = Generator.of(NAMES).next(random);
    int line = random.nextInt(1, 51);
    SortedMap<String, String> config = new TreeMap<>();
    for (String key : List.of("A", "B")) {
      Generator.of("1", "2\nx=3").optional().next(random).ifPresent(v -> config.put(key, v));
    }
    return new Appspace(
        name,
        location(line),
        new Appspace.AppReference(location(line), "hello", "1.0.0"),
        name,
        List.of(),
        Generator.of("alice", "bob").next(random),
        Generator.of(Appspace.AccessMode.values()).next(random),
        List.of(
            new Appspace.MemberEntry(
                location(line), Kind.USER, "bob", new TreeSet<>(List.of("edit")))),
        new Limits(
            Generator.of(64L << 20, 128L << 20).next(random),
            500,
            64,
            1L << 30,
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Limits.DEFAULT.stopAfter(),
            Limits.DEFAULT.requestBodyBytes(),
            Limits.AppspaceEgressLimits.DEFAULT),
        BackupPolicy.DEFAULT,
        Appspace.DesiredState.RUNNING,
        Appspace.Isolation.NAMESPACES,
        config,
        List.of(),
        JobSettings.DEFAULT,
        Generator.of(NAMES).optional().next(random),
        Appspace.DeletionPolicy.RETAIN);
  }

  private static Instance instance(
      SortedMap<String, Appspace> appspaces, SortedMap<String, User> users, boolean prune) {
    App app =
        new App(
            "hello",
            location(1),
            List.of(
                new App.AppVersion(
                    "1.0.0",
                    location(2),
                    new App.PathSource(location(2), "apps/hello", Optional.empty()))),
            Optional.empty());
    return new Instance(
        new InstanceSettings(
            "home",
            location(1),
            "home.example.org",
            new InstanceSettings.ReconcileSettings(Duration.ofSeconds(30), prune, false),
            new InstanceSettings.ApprovalSettings(
                InstanceSettings.ApprovalMode.AUTO,
                10,
                Duration.ofDays(30),
                InstanceSettings.DecidedIn.GIT),
            Limits.DEFAULT,
            BackupPolicy.DEFAULT),
        users,
        Collections.emptySortedMap(),
        new TreeMap<>(java.util.Map.of("hello", app)),
        appspaces,
        Collections.emptySortedMap(),
        Collections.emptySortedMap(),
        Labels.NONE);
  }

  private static Location location(int line) {
    return new Location("file.yaml", line, 1);
  }
}
