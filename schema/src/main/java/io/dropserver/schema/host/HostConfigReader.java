package io.dropserver.schema.host;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Node;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.ScheduleFields;
import io.dropserver.schema.document.SchemaCheck;
import io.dropserver.schema.document.YamlEnums;
import io.dropserver.schema.host.HostConfig.AppSettings;
import io.dropserver.schema.host.HostConfig.BackupSettings;
import io.dropserver.schema.host.HostConfig.BackupTarget;
import io.dropserver.schema.host.HostConfig.EgressSettings;
import io.dropserver.schema.host.HostConfig.IsolationLayer;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.host.HostConfig.SecretSettings;
import io.dropserver.schema.host.HostConfig.UidRange;
import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads {@code dropserver.yaml}. Thread-safe. */
public final class HostConfigReader {
  private static final String SCHEMA = "host-configuration.schema.json";

  private final SchemaCheck schemas = new SchemaCheck(List.of("common.schema.json", SCHEMA));

  /**
   * @param config present if and only if there are no problems
   */
  public record HostConfigResult(Optional<HostConfig> config, List<Problem> problems) {}

  /**
   * Reads a file. Relative paths in it are resolved against its folder.
   *
   * @throws IOException if the file itself cannot be read
   */
  public HostConfigResult read(Path file) throws IOException {
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file);
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(DocumentParser.MAX_FILE_BYTES + 1);
      return read(file.toString(), bytes, folder, Set.of(file.toAbsolutePath().normalize()));
    }
  }

  /**
   * @param name the file name in problem reports
   * @param folder the base of relative paths
   */
  public HostConfigResult read(String name, byte[] bytes, Path folder) {
    return read(name, bytes, folder, Set.of());
  }

  private HostConfigResult read(String name, byte[] bytes, Path folder, Set<Path> self) {
    DocumentParser.ParsedFile parsedFile = DocumentParser.parse(name, bytes);
    List<Problem> problems = new ArrayList<>(parsedFile.problems());
    if (parsedFile.documents().size() > 1) {
      problems.add(
          Problem.at(
              parsedFile.documents().get(1).location(),
              "the host's configuration is one document",
              "remove the --- above this line"));
    }
    if (parsedFile.documents().isEmpty()) {
      return result(HostConfig.DEFAULT, problems);
    }
    FileFields files = new FileFields(folder, new TreeSet<>(self));
    Node root = parsedFile.documents().getFirst();
    return result(
        schemas.read(SCHEMA, root, Set.of(), problems, fields -> config(fields, files)), problems);
  }

  private static HostConfigResult result(HostConfig config, List<Problem> problems) {
    return new HostConfigResult(
        problems.isEmpty() ? Optional.of(config) : Optional.empty(),
        problems.stream().distinct().sorted().toList());
  }

  private static HostConfig config(MappingFields mappingFields, FileFields files) {
    return new HostConfig(
        mappingFields.section("repo").map(repo -> RepoFields.read(repo, files)),
        ListenFields.listeners(mappingFields, files),
        TlsFields.acme(mappingFields, files),
        ListenFields.webhooks(mappingFields, files),
        OpenIdFields.read(mappingFields, files),
        files.path(mappingFields, "state"),
        sandbox(mappingFields.fields("sandbox")),
        backup(mappingFields.fields("backup"), files),
        egress(mappingFields.fields("egress"), files),
        LogSettings.read(mappingFields.fields("log"), files),
        ListenFields.receivers(mappingFields, files),
        MailFields.read(mappingFields, files),
        apps(mappingFields.fields("apps"), files),
        new SecretSettings(files.secret(mappingFields.fields("secrets"), "ageKeyFile")),
        mappingFields.section("admin").map(admin -> admin(admin, files)),
        OtlpSettings.read(mappingFields.fields("metrics"), files),
        List.copyOf(files.named()));
  }

  private static AppSettings apps(MappingFields mappingFields, FileFields files) {
    Optional<URI> registry = mappingFields.uri("npmRegistry").filter(HostConfigReader::isServerUrl);
    if (mappingFields.has("npmRegistry") && registry.isEmpty()) {
      mappingFields.problem(
          "npmRegistry",
          "this is not the URL of a registry",
          "write an https URL without user and query; http is only for this machine, as in"
              + " http://127.0.0.1:4873/");
    }
    return new AppSettings(
        files.paths(mappingFields, "localRepositories"),
        registry.map(url -> URI.create(url + (url.getPath().endsWith("/") ? "" : "/"))));
  }

  /** Returns whether a URL has https, or http on this machine, and neither a user nor a query. */
  static boolean isServerUrl(URI url) {
    String host = String.valueOf(url.getHost());
    boolean local = host.equals("localhost") || host.equals("[::1]") || host.startsWith("127.");
    return url.getHost() != null
        && url.getRawUserInfo() == null
        && url.getRawQuery() == null
        && ("https".equals(url.getScheme()) || (local && "http".equals(url.getScheme())));
  }

  private static SandboxSettings sandbox(MappingFields mappingFields) {
    NavigableSet<IsolationLayer> weaker = new TreeSet<>();
    for (Node.Scalar scalar : mappingFields.scalars("allowWeaker")) {
      YamlEnums.find(scalar.text(), IsolationLayer.class).ifPresent(weaker::add);
    }
    MappingFields range = mappingFields.fields("uidRange");
    SandboxSettings defaults = SandboxSettings.DEFAULT;
    return new SandboxSettings(
        Collections.unmodifiableNavigableSet(weaker),
        new UidRange(
            range.integer("first").orElse(defaults.uidRange().first()),
            range.integer("count").orElse(defaults.uidRange().count())),
        mappingFields.integer("maxLive").orElse(defaults.maxLive()),
        AmountType.BYTES.read(mappingFields, "maxMemory", 64L << 20, 64L << 40),
        mappingFields.text("cgroupParent"),
        mappingFields.integer("waiting").orElse(defaults.waiting()));
  }

  private static BackupSettings backup(MappingFields mappingFields, FileFields files) {
    return new BackupSettings(
        mappingFields.text("repository"),
        files.secret(mappingFields, "passwordFile"),
        files.secret(mappingFields, "environmentFile"),
        targets(mappingFields, files));
  }

  private static SortedMap<String, BackupTarget> targets(
      MappingFields mappingFields, FileFields files) {
    SortedMap<String, BackupTarget> targets = new TreeMap<>();
    for (Node.MappingEntry entry : mappingFields.entries("repositories")) {
      if (!entry.key().matches("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")) {
        mappingFields.problem(
            entry.location(),
            Quoting.quote(entry.key()) + " is not the name of a repository",
            "use 1 to 32 lower case letters, digits and dashes");
      }
      MappingFields target = MappingFields.of(entry.value(), mappingFields.problems());
      targets.put(
          entry.key(),
          new BackupTarget(
              target.text("repository").orElse(""),
              files.secret(target, "passwordFile"),
              files.secret(target, "environmentFile"),
              ScheduleFields.schedule(target),
              ScheduleFields.zone(target).orElse(ZoneOffset.UTC)));
    }
    return Collections.unmodifiableSortedMap(targets);
  }

  private static EgressSettings egress(MappingFields mappingFields, FileFields files) {
    SortedMap<String, String> hosts = new TreeMap<>();
    for (Node.MappingEntry mappingEntry : mappingFields.entries("hosts")) {
      String address = mappingEntry.value() instanceof Node.Scalar scalar ? scalar.text() : "";
      if (LiteralAddresses.literal(address).isEmpty()) {
        mappingFields.problem(
            mappingEntry.value().location(),
            Quoting.quote(address) + " is not an IP address",
            "write an address like 192.168.1.10; names are not looked up here");
      }
      hosts.put(mappingEntry.key().toLowerCase(Locale.ROOT), address);
    }
    return new EgressSettings(
        ListenFields.ranges(mappingFields, "open"),
        Collections.unmodifiableSortedMap(hosts),
        files.certificates(mappingFields, "trust"));
  }

  private static AdminSettings admin(MappingFields mappingFields, FileFields files) {
    Optional<InetSocketAddress> address = ListenFields.socket(mappingFields, "address");
    boolean loopback =
        address
            .flatMap(a -> LiteralAddresses.literal(a.getHostString()))
            .map(InetAddress::isLoopbackAddress)
            .orElse(true);
    if (!loopback && !mappingFields.has("tokenFile")) {
      mappingFields.problem(
          "address",
          "other machines can read the metrics at this address, and no token protects them",
          "add tokenFile, a file with a random text that the reader of the metrics sends as a"
              + " bearer token; or use 127.0.0.1");
    }
    if (address.filter(a -> a.getPort() == 0).isPresent()) {
      mappingFields.problem(
          "address",
          "with port 0, no reader of the metrics knows the port",
          "write a port from 1 to 65535, like 127.0.0.1:9090");
    }
    return new AdminSettings(
        address.orElse(AdminSettings.DEFAULT_ADDRESS), files.secret(mappingFields, "tokenFile"));
  }
}
