package io.dropserver.tests.hostile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The targets of attacks, all real and on this machine: files, sockets, a process, and another
 * appspace's data. Attackers know everything about them except the canary, which exists only in the
 * targets.
 */
final class AttackTargets implements AutoCloseable {
  private final String canary =
      HexFormat.of().toHexDigits(new java.security.SecureRandom().nextLong());
  private final Path folder;
  private final Path state;
  private final CanaryServer canaryServer;
  private final MessageQueues queues;
  private Process victim;

  private AttackTargets(Path folder, Path state, List<String> addresses) throws IOException {
    this.folder = folder;
    this.state = state;
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(neighbourData());
    this.canaryServer =
        CanaryServer.start(
            List.of(folder.resolve("host.sock"), state.resolve("control.sock")), canary, addresses);
    this.queues = MessageQueues.make();
    this.victim = sleep();
    restore();
  }

  /**
   * @param folder an empty folder
   * @param state the state folder of the server under attack
   */
  static AttackTargets open(Path folder, Path state) throws IOException {
    return open(folder, state, List.of());
  }

  /**
   * @param addresses additional addresses for services; only in a virtual machine of the test
   */
  static AttackTargets open(Path folder, Path state, List<String> addresses) throws IOException {
    return new AttackTargets(folder, state, addresses);
  }

  String canary() {
    return canary;
  }

  /** Returns what the attacker knows; {@code attack.ts} documents each entry. */
  Map<String, Object> target(Path appFiles) throws IOException {
    Map<String, Object> target = new LinkedHashMap<>();
    target.put("hostFile", hostFile().toString());
    target.put("hostFolder", hostFolder().toString());
    target.put("neighbourData", neighbourData().toString());
    target.put("appFiles", appFiles.toString());
    target.put("hostSocket", folder.resolve("host.sock").toString());
    target.put("abstractSocket", canaryServer.abstractName());
    target.put("tcpPort", canaryServer.tcpPort());
    target.put("udpPort", canaryServer.udpPort());
    target.put("addresses", addresses());
    target.put("pid", victim.pid());
    target.put("state", state.toString());
    return target;
  }

  /** Repairs the damage of an attack, so that the next one finds the same state. */
  void restore() throws IOException {
    Files.createDirectories(hostFolder());
    Files.createDirectories(neighbourData());
    Files.setPosixFilePermissions(hostFolder(), PosixFilePermissions.fromString("rwxrwxrwx"));
    try (Stream<Path> left = Files.list(hostFolder())) {
      for (Path file : left.toList()) {
        Files.delete(file);
      }
    }
    Files.writeString(hostFile(), canary);
    Files.writeString(neighbourData().resolve("diary.txt"), canary);
    for (Path path : List.of(hostFile(), neighbourData().resolve("diary.txt"))) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
    }
    if (!victim.isAlive()) {
      victim = sleep();
    }
    canaryServer.clearHits();
  }

  /** Returns the damage to the host as seen from outside, or an empty list. */
  List<String> damage() throws IOException {
    List<String> harm = new ArrayList<>();
    if (!Files.exists(hostFile()) || !Files.readString(hostFile()).equals(canary)) {
      harm.add("the host's file was changed");
    }
    Path diary = neighbourData().resolve("diary.txt");
    if (!Files.exists(diary) || !Files.readString(diary).equals(canary)) {
      harm.add("the neighbour's diary was changed");
    }
    if (Files.isDirectory(hostFolder())) {
      try (Stream<Path> left = Files.list(hostFolder())) {
        left.forEach(file -> harm.add("left on the host: " + file));
      }
    } else {
      harm.add("the host's folder was removed");
    }
    if (!victim.isAlive()) {
      harm.add("the host's process was ended");
    }
    canaryServer.hits().forEach(hit -> harm.add("reached the host's " + hit));
    return harm;
  }

  private Path hostFile() {
    return folder.resolve("canary.txt");
  }

  private Path hostFolder() {
    return folder.resolve("everybody");
  }

  private Path neighbourData() {
    return state.resolve("data/neighbour");
  }

  private static List<String> addresses() throws IOException {
    List<String> addresses = new ArrayList<>();
    for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
      for (InetAddress address : network.inetAddresses().toList()) {
        if (!address.isLoopbackAddress() && !address.isLinkLocalAddress()) {
          addresses.add(address.getHostAddress());
        }
      }
    }
    return addresses;
  }

  private static Process sleep() throws IOException {
    return new ProcessBuilder("sleep", "3600").start();
  }

  @Override
  public void close() throws IOException {
    queues.close();
    victim.destroyForcibly();
    try {
      victim.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    canaryServer.close();
  }
}
