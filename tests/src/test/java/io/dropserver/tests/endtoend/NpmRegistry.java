package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A registry of packages from npm on loopback, to which a test publishes. */
final class NpmRegistry implements AutoCloseable {
  private final Path folder;
  private final HttpServer server;
  private final Map<String, byte[]> answers = new ConcurrentHashMap<>();
  private final Map<String, List<String>> versions = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
  private volatile boolean broken;

  NpmRegistry(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          requests.add(path);
          byte[] answer = answers.get(path);
          if (broken || answer == null) {
            exchange.sendResponseHeaders(broken ? 503 : 404, -1);
          } else {
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          }
          exchange.close();
        });
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  /** While it is broken, each answer has status 503. */
  void setBroken(boolean now) {
    broken = now;
  }

  long requestsFor(String path) {
    return requests.stream().filter(path::equals).count();
  }

  /**
   * Publishes a version of a package whose program is {@code index.js}.
   *
   * @param files the files of the package, without package.json
   */
  void publish(String name, String version, Map<String, String> files) throws Exception {
    String fields =
        "\"name\": \"%s\", \"version\": \"%s\", \"type\": \"module\", \"bin\": {\"%s\": \"index.js\"}"
            .formatted(name, version, name);
    Map<String, String> all = new TreeMap<>(files);
    all.put("package.json", "{" + fields + "}");
    byte[] tarball = tarball(name + "-" + version, all);
    String path = "/" + name + "/-/" + name + "-" + version + ".tgz";
    MessageDigest sha512 = sha512();
    String integrity = "sha512-" + Base64.getEncoder().encodeToString(sha512.digest(tarball));
    answers.put(path, tarball);
    versions
        .computeIfAbsent(name, key -> new ArrayList<>())
        .add(
            "\"%s\": {%s, \"dist\": {\"tarball\": \"%s\", \"integrity\": \"%s\"}}"
                .formatted(version, fields, url().resolve(path), integrity));
    answers.put(
        "/" + name,
        "{\"name\": \"%s\", \"dist-tags\": {\"latest\": \"%s\"}, \"versions\": {%s}}"
            .formatted(name, version, String.join(",\n", versions.get(name)))
            .getBytes(UTF_8));
  }

  private static MessageDigest sha512() {
    try {
      return MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] tarball(String label, Map<String, String> files) throws Exception {
    Path root = folder.resolve(label);
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path target = root.resolve("package").resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.writeString(target, file.getValue());
    }
    Path archive = folder.resolve(label + ".tgz");
    Process tar =
        new ProcessBuilder("tar", "-C", root.toString(), "-czf", archive.toString(), "package")
            .inheritIO()
            .start();
    if (tar.waitFor() != 0) {
      throw new IOException("tar ended with status " + tar.exitValue());
    }
    return Files.readAllBytes(archive);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
