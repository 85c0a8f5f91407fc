package io.dropserver.tests.hostile;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.sandbox.isolation.Programs;
import io.dropserver.sandbox.local.LocalHostSettings;
import io.dropserver.sandbox.local.LocalSandboxHost;
import io.dropserver.sandbox.local.WeakenedHost;
import io.dropserver.sandbox.storage.LoopStorage;
import io.dropserver.sandbox.storage.LoopSupport;
import io.dropserver.sandbox.storage.SoftStorage;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.Limits;
import io.dropserver.server.AttackedHostApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Runs attacks, each in a new sandbox, and judges the results from outside. Not thread-safe. */
final class HostileSuite {
  private static final int FIRST_UID = 200_100;

  /** The user of sandboxes that wait for an appspace. */
  private static final int WAITING_UID = 299_999;

  /** A second kernel starts slowly on a machine with other load. */
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private static final Duration GRACE = Duration.ofMillis(200);
  private static final Limits LIMITS =
      new Limits(
          128L << 20,
          1000,
          128,
          64L << 20,
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Limits.DEFAULT.stopAfter(),
          Limits.DEFAULT.requestBodyBytes(),
          Limits.AppspaceEgressLimits.DEFAULT);

  private final Path folder;
  private final DenoBinary deno = DenoBinary.find(Optional.empty(), Optional.empty());
  private int number;

  /**
   * @param folder an empty folder, removed by the caller
   */
  HostileSuite(Path folder) throws IOException {
    this.folder = folder;
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  /** Runs every attack in every variant. The rows are ordered by name. */
  Map<AttackFile, Map<Variant, AttackOutcome>> run(List<AttackFile> attacks, Set<Variant> variants)
      throws IOException, InterruptedException {
    Map<AttackFile, Map<Variant, AttackOutcome>> table = new LinkedHashMap<>();
    InstalledApp app = AttackApp.install(Files.createDirectory(folder.resolve("install")), deno);
    for (Variant variant : variants) {
      Path state =
          Files.createDirectory(folder.resolve(variant.name().toLowerCase(java.util.Locale.ROOT)));
      Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwx--x--x"));
      Path outside = Files.createDirectory(folder.resolve("outside-" + variant.name()));
      try (Storage storage = storage(state);
          AttackedHostApi hostApi = AttackedHostApi.open(state);
          LocalSandboxHost host =
              WeakenedHost.open(
                  settings(state), variant.has("deno"), variant.has("seccomp"), hostApi.api());
          AttackTargets attackTargets = AttackTargets.open(outside, state)) {
        seedNeighbour(variant, host, storage, app, state);
        Attacked attacked = new Attacked(host, storage, attackTargets, hostApi, app, state);
        for (AttackFile attack : attacks) {
          AttackOutcome attackOutcome = runAttack(attack, variant, attacked);
          table
              .computeIfAbsent(attack, key -> new EnumMap<>(Variant.class))
              .put(variant, attackOutcome);
        }
      }
    }
    return table;
  }

  /** What the attacks of one variant meet. */
  private record Attacked(
      LocalSandboxHost host,
      Storage storage,
      AttackTargets targets,
      AttackedHostApi hostApi,
      InstalledApp app,
      Path state) {
    Map<String, Object> knowledge() throws IOException {
      Map<String, Object> all = targets.target(app.files());
      all.putAll(hostApi.target());
      return all;
    }

    List<String> damage(AttackFile attack, String attacker) throws IOException {
      List<String> harm = new ArrayList<>(targets.damage());
      harm.addAll(hostApi.damage());
      if (attack.group().equals("host") && !hostApi.wasCalledBy(attacker)) {
        harm.add("it did not reach the host API, so it proves nothing");
      }
      return harm;
    }
  }

  private AttackOutcome runAttack(AttackFile attack, Variant variant, Attacked attacked)
      throws IOException, InterruptedException {
    attacked.targets().restore();
    SandboxSpec spec =
        spec(
            variant,
            attacked.app(),
            attacked.storage(),
            attacked.state(),
            "attacker-" + number,
            FIRST_UID + number);
    number++;
    attacked.hostApi().declare(spec.appspace());
    Sandbox sandbox = start(variant, attacked.host(), spec);
    AttackRequest.AttackResponse attackResponse;
    boolean reachedCanary;
    List<String> harm = new ArrayList<>();
    SleepCycles cycles = SleepCycles.of(sandbox, variant);
    try {
      cycles.awaitFirst();
      attackResponse = AttackRequest.send(sandbox.address(), attack.name(), attacked.knowledge());
      reachedCanary = AttackRequest.ready(sandbox.address()).contains(attacked.targets().canary());
      int user = variant == Variant.WAITED ? WAITING_UID : spec.uid();
      harm.addAll(HostTraces.of(spec.dataFolder(), spec.uid(), user));
    } finally {
      cycles.end();
      sandbox.stop(GRACE);
      attacked.storage().release(spec.dataFolder());
    }
    harm.addAll(attacked.damage(attack, spec.appspace()));
    if (reachedCanary) {
      harm.addFirst("the server was led to a socket of the host");
    }
    return judge(attack, variant, attackResponse, harm);
  }

  private static Sandbox start(Variant variant, LocalSandboxHost host, SandboxSpec spec) {
    if (variant == Variant.WAITED && host.keepWaiting(List.of(spec)) != 1) {
      throw new IllegalStateException("no sandbox can wait on this host");
    }
    return host.start(spec);
  }

  private static AttackOutcome judge(
      AttackFile attack,
      Variant variant,
      AttackRequest.AttackResponse attackResponse,
      List<String> harm) {
    if (!harm.isEmpty()) {
      return new AttackOutcome.Escaped(String.join("; ", harm));
    }
    if (attackResponse.obtained().isEmpty()) {
      return new AttackOutcome.Stopped(attackResponse.stopped());
    }
    if (attack.judgedByHost() && variant.isolation() == Isolation.GVISOR) {
      return new AttackOutcome.Stopped(
          "only its own kernel says: " + attackResponse.obtained().get());
    }
    return variant.has(attack.layer())
        ? new AttackOutcome.Escaped(attackResponse.obtained().get())
        : new AttackOutcome.ExpectedEscape(attackResponse.obtained().get());
  }

  /** Makes another appspace leave its diary wherever an app can leave data. */
  private static void seedNeighbour(
      Variant variant, LocalSandboxHost host, Storage storage, InstalledApp app, Path state)
      throws IOException {
    SandboxSpec spec = spec(variant, app, storage, state, "seeding-neighbour", FIRST_UID - 1);
    Sandbox sandbox = host.start(spec);
    try {
      AttackRequest.seed(sandbox.address());
    } finally {
      sandbox.stop(GRACE);
      storage.release(spec.dataFolder());
    }
  }

  private static SandboxSpec spec(
      Variant variant, InstalledApp app, Storage storage, Path state, String name, int uid)
      throws IOException {
    Path own = Files.createDirectories(state.resolve("data").resolve(name));
    for (Path path : List.of(state.resolve("data"), own)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    }
    Storage.Volume volume = storage.open(own.resolve("files"), uid, LIMITS.storageBytes());
    return new SandboxSpec(
        name,
        app,
        volume.folder(),
        uid,
        "http://" + name + ".localhost",
        Collections.unmodifiableSortedMap(new TreeMap<>()),
        LIMITS,
        variant.isolation(),
        EgressPolicy.NOTHING);
  }

  private static Storage storage(Path state) {
    return LoopSupport.unavailable()
        .<Storage>map(SoftStorage::new)
        .orElseGet(() -> LoopStorage.takeOver(state));
  }

  private LocalHostSettings settings(Path state) {
    return new LocalHostSettings(
            state.resolve("run"), deno, Programs.find(), Set.of(), Optional.empty(), START_TIMEOUT)
        .withWaitingUids(WAITING_UID, 1);
  }
}
