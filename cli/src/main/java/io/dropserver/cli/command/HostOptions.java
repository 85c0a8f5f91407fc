package io.dropserver.cli.command;

import io.dropserver.cli.output.CommandException;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.IsolationLayer;
import io.dropserver.schema.host.HostConfig.ListenerSettings;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.host.HostConfigReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The host's configuration file, and options that override it. */
public final class HostOptions {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The machine's configuration: remote, credentials, listeners, isolation.")
  public @Nullable Path file;

  @Option(
      names = "--repo",
      paramLabel = "REPO",
      description = "The config repository: a path, or a file, https or ssh URL.")
  public @Nullable String repository;

  @Option(names = "--branch", paramLabel = "BRANCH", description = "The followed branch.")
  @Nullable String branch;

  /**
   * Returns the configuration from the file and the options.
   *
   * @throws CommandException when no repository is configured or the file is invalid; the message
   *     contains all problems
   */
  public HostConfig config() throws IOException {
    HostConfig read = file == null ? HostConfig.DEFAULT : read(file);
    return read.withRepo(repository(read));
  }

  /**
   * Returns a configuration that follows a local repository and serves only this machine. Any
   * isolation layer may be missing.
   *
   * @param port 0 means any free port
   */
  public static HostConfig local(Path repository, int port) {
    return HostConfig.DEFAULT
        .withRepo(Repo.of(repository.toString()))
        .withListen(List.of(listener("127.0.0.1:" + port)))
        .withSandbox(
            SandboxSettings.DEFAULT.withAllowWeaker(
                new TreeSet<>(EnumSet.allOf(IsolationLayer.class))));
  }

  /** Returns the options with which the configured repository is parsed. */
  public static ReadOptions reading(HostConfig config) {
    return ReadOptions.of(config.repo().map(Repo::paths).orElse(List.of()))
        .withLocalRepositories(config.apps().localRepositories());
  }

  public static HostConfig read(Path file) throws IOException {
    HostConfigReader.HostConfigResult hostConfigResult = new HostConfigReader().read(file);
    return hostConfigResult
        .config()
        .orElseThrow(
            () ->
                new CommandException(
                    hostConfigResult.problems().stream()
                        .map(Object::toString)
                        .collect(Collectors.joining("\n")),
                    "correct " + file));
  }

  private Repo repository(HostConfig config) {
    Optional<Repo> configured = config.repo();
    String url = repository != null ? absolute(repository) : configured.map(Repo::url).orElse("");
    if (url.isEmpty()) {
      throw new CommandException(
          "no config repository is given", "name it with --repo, or as repo.url in --config");
    }
    Repo repo = configured.orElse(Repo.of(url));
    return repo.at(url, branch != null ? branch : repo.branch());
  }

  /**
   * Resolves a relative path against the user's current directory, because the server's may differ.
   */
  private static String absolute(String url) {
    boolean path = !url.contains("://") && !url.matches("[^/]+@[^/]+:.*");
    return path ? Path.of(url).toAbsolutePath().normalize().toString() : url;
  }

  /**
   * Returns the state folder from the option, the file, the environment, or the default of the
   * packaged service, in that order.
   */
  public static StateFolder state(
      HostConfig config, StateOption option, Map<String, String> environment) {
    return new StateFolder(
        option.folder == null && config.state().isPresent()
            ? config.state().get()
            : option.folder(environment));
  }

  /**
   * Returns one listener without TLS, which replaces the configured ones.
   *
   * @param address {@code host:port}, {@code [v6]:port} or {@code :port} for loopback
   */
  public static ListenerSettings listener(String address) {
    int colon = address.lastIndexOf(':');
    String host = colon <= 0 ? "127.0.0.1" : address.substring(0, colon);
    String port = address.substring(colon + 1);
    if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new CommandException(
          address + " is not an address to listen on", "write host:port, such as 127.0.0.1:8080");
    }
    String literal = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return ListenerSettings.plain(
        InetSocketAddress.createUnresolved(literal, Integer.parseInt(port)));
  }
}
