package io.dropserver.reconciler.plan;

import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.User;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Small instances that often share names. */
final class InstanceArbitraries {
  private static final List<String> NAMES = List.of("garden", "notes", "yard", "park", "shop");

  private InstanceArbitraries() {}

  static Arbitrary<Desired> desired() {
    Arbitrary<SortedMap<String, Appspace>> appspaces =
        appspace().list().ofMaxSize(4).map(InstanceArbitraries::byName);
    Arbitrary<SortedMap<String, User>> users =
        Arbitraries.of("alice", "bob", "carol")
            .set()
            .map(
                names -> {
                  SortedMap<String, User> all = new TreeMap<>();
                  names.forEach(n -> all.put(n, new User(n, location(1), n, User.Role.MEMBER)));
                  return all;
                });
    return Combinators.combine(
            appspaces, users, Arbitraries.of(true, false), Arbitraries.of("t1", "t2"))
        .as(
            (spaces, people, prune, tree) ->
                new Desired(instance(spaces, people, prune), version -> Optional.of(tree)));
  }

  private static SortedMap<String, Appspace> byName(List<Appspace> list) {
    SortedMap<String, Appspace> all = new TreeMap<>();
    list.forEach(appspace -> all.put(appspace.name(), appspace));
    return all;
  }

  private static Arbitrary<Appspace> appspace() {
    return Combinators.combine(
            Arbitraries.of(NAMES),
            Arbitraries.integers().between(1, 50),
            Arbitraries.of("alice", "bob"),
            Arbitraries.of(Appspace.Access.values()),
            Arbitraries.of(64L << 20, 128L << 20),
            Arbitraries.of(NAMES).optional(),
            Arbitraries.maps(Arbitraries.of("A", "B"), Arbitraries.of("1", "2\nx=3")))
        .as(
            (name, line, owner, access, memory, from, config) ->
                new Appspace(
                    name,
                    location(line),
                    new Appspace.AppReference(location(line), "hello", "1.0.0"),
                    name,
                    owner,
                    access,
                    List.of(
                        new Appspace.Member(location(line), "bob", new TreeSet<>(List.of("edit")))),
                    new Limits(
                        memory,
                        500,
                        64,
                        1L << 30,
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(5),
                        Limits.DEFAULT.requestBodyBytes(),
                        Limits.Egress.DEFAULT),
                    BackupPolicy.DEFAULT,
                    Appspace.State.RUNNING,
                    Appspace.Isolation.NAMESPACES,
                    new TreeMap<>(config),
                    List.of(),
                    from,
                    Appspace.Deletion.RETAIN));
  }

  private static Instance instance(
      SortedMap<String, Appspace> appspaces, SortedMap<String, User> users, boolean prune) {
    App app =
        new App(
            "hello",
            location(1),
            List.of(
                new App.Version(
                    "1.0.0",
                    location(2),
                    new App.PathSource(location(2), "apps/hello", Optional.empty()))));
    return new Instance(
        new InstanceSettings(
            "home",
            location(1),
            "home.example.org",
            new InstanceSettings.Reconcile(Duration.ofSeconds(30), prune, false),
            new InstanceSettings.Approvals(
                InstanceSettings.ApprovalMode.AUTO, 10, InstanceSettings.DecidedIn.GIT),
            Limits.DEFAULT,
            BackupPolicy.DEFAULT),
        users,
        new TreeMap<>(java.util.Map.of("hello", app)),
        appspaces,
        Collections.emptySortedMap());
  }

  private static Location location(int line) {
    return new Location("file.yaml", line, 1);
  }
}
