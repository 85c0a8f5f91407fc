package io.dropserver.reconciler.plan;

import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.GitRepositorySource;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Durations;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.EgressWhitelist.AllowAppspace;
import io.dropserver.schema.instance.EgressWhitelist.AllowEntry;
import io.dropserver.schema.instance.EgressWhitelist.AllowUrl;
import io.dropserver.schema.instance.EgressWhitelist.WhitelistRule;
import io.dropserver.schema.instance.EndOfGrant;
import io.dropserver.schema.instance.Follow;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.JobSettings;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Limits;
import io.dropserver.schema.instance.PageFeature;
import io.dropserver.schema.instance.Quantity;
import io.dropserver.schema.instance.Resource;
import io.dropserver.schema.instance.Secret;
import io.dropserver.schema.instance.User;
import java.net.URI;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Flattens an object into a map from field path to text. The map is compared, stored as the last
 * applied state, and shown to users. It omits source locations, so that moving a document changes
 * nothing, and {@code renamedFrom}, which describes a transition and not a state.
 */
final class ObjectFields {
  private final SortedMap<String, String> fields = new TreeMap<>();

  private ObjectFields() {}

  static SortedMap<String, String> of(Resource resource, Desired desired) {
    ObjectFields all = new ObjectFields();
    switch (resource) {
      case InstanceSettings settings -> all.settings(settings);
      case User user -> all.user(user);
      case Group group -> all.group(group);
      case App app -> all.app(app, desired);
      case Appspace appspace -> all.appspace(appspace, desired);
      case EgressWhitelist whitelist -> all.whitelist(whitelist);
      case Secret secret -> all.secret(secret);
    }
    return all.fields;
  }

  private void settings(InstanceSettings settings) {
    put("domain", settings.domain());
    put("reconcile.interval", Durations.format(settings.reconcile().interval()));
    put("reconcile.prune", settings.reconcile().prune());
    put("reconcile.allowRewrite", settings.reconcile().allowRewrite());
    put("approvals.mode", word(settings.approvals().mode()));
    put("approvals.maxOpenPerAppspace", settings.approvals().maxOpenPerAppspace());
    put("approvals.expireAfter", Durations.format(settings.approvals().expireAfter()));
    put("approvals.decide", word(settings.approvals().decide()));
    limits("defaults.limits", settings.defaultLimits());
    backup("defaults.backup", settings.defaultBackup());
  }

  private void user(User user) {
    put("displayName", user.displayName());
    put("role", word(user.role()));
    user.accounts().forEach(account -> put("accounts[" + account.text() + "]", "logs in"));
    for (int i = 0; i < user.notifications().size(); i++) {
      put("notifications[" + i + "]", user.notifications().get(i).text());
    }
  }

  private void group(Group group) {
    for (Group.Member member : group.members()) {
      put("members[" + member.user() + "]", "member");
    }
    for (Group.Claim claim : group.claims()) {
      put("claims[" + claim.issuer() + " " + claim.value() + "]", "members for an hour");
    }
  }

  private void app(App app, Desired desired) {
    app.follow().ifPresent(this::follow);
    for (App.AppVersion appVersion : app.versions()) {
      String path = "versions[" + appVersion.version() + "]";
      put(path + ".source", source(appVersion.source()));
      if (appVersion.source() instanceof NpmSource npm) {
        put(path + ".manifest", npm.manifestJson());
      }
      appVersion
          .additions()
          .manifest()
          .ifPresent(manifest -> put(path + ".manifest", manifest.json()));
      appVersion.additions().lock().ifPresent(lock -> put(path + ".lock", lock.path()));
      put(path + ".content", desired.contents().of(appVersion).orElse("unknown"));
    }
  }

  private void follow(Follow follow) {
    String origin =
        switch (follow.origin()) {
          case Follow.Registry _ -> "npm";
          case Follow.Tags(String pattern) -> "tags " + pattern;
          case Follow.Listing(URI url) -> "listing " + url;
        };
    put("follow.origin", origin);
    put("follow.range", follow.range().text());
    put("follow.interval", follow.interval().toString());
    put("follow.merge", word(follow.merge()));
  }

  private static String source(App.Source source) {
    return switch (source) {
      case PathSource folder ->
          "path " + folder.path() + folder.commit().map(commit -> "@" + commit).orElse("");
      case GitRepositorySource git -> "git " + git.url() + "@" + git.commit() + ":" + git.subdir();
      case PackageSource archive ->
          "package "
              + archive.url()
              + " sha256:"
              + archive.sha256()
              + archive
                  .signers()
                  .map(
                      it ->
                          " signed by " + String.join(" or ", it.keys()) + " at " + it.signature())
                  .orElse("");
      case NpmSource npm ->
          npm.specifier()
              + npm.lock().map(lock -> " locked by " + lock.path()).orElse(" without a lock");
    };
  }

  private void appspace(Appspace appspace, Desired desired) {
    put("app.name", appspace.app().name());
    put("app.version", appspace.app().version());
    put("app.content", desired.contentOf(appspace));
    put("host", appspace.host());
    list("hosts", appspace.customHostNames());
    put("owner", appspace.owner());
    put("access", word(appspace.access()));
    appspace
        .members()
        .forEach(
            memberEntry ->
                put(
                    (memberEntry.kind() == Kind.GROUP ? "members[group " : "members[")
                        + memberEntry.name()
                        + "]",
                    String.join(", ", memberEntry.permissions())));
    limits("limits", appspace.limits());
    backup("backup", appspace.backup());
    put("state", word(appspace.state()));
    put("isolation", word(appspace.isolation()));
    appspace.config().forEach((name, value) -> put("config." + name, value));
    list("publicPaths", appspace.publicPaths());
    jobs(appspace.jobs());
    put("deletion", word(appspace.deletion()));
  }

  /** Omits defaults, so that an appspace without settings has the fields of earlier releases. */
  private void jobs(JobSettings jobs) {
    if (!jobs.zone().equals(JobSettings.DEFAULT.zone())) {
      put("jobs.timeZone", jobs.zone());
    }
    jobs.overrides()
        .forEach(
            (name, override) ->
                put(
                    "jobs[" + name + "]",
                    (override.enabled() ? "enabled" : "disabled")
                        + override.schedule().map(schedule -> ", " + schedule).orElse("")));
  }

  private void limits(String path, Limits limits) {
    put(path + ".memory", Quantity.formatBytes(limits.memoryBytes()));
    put(path + ".cpu", Quantity.formatCpu(limits.cpuMillis()));
    put(path + ".processes", limits.processes());
    put(path + ".storage", Quantity.formatBytes(limits.storageBytes()));
    put(path + ".requestTimeout", Durations.format(limits.requestTimeout()));
    put(path + ".idleTimeout", limits.idleTimeoutText());
    put(path + ".stopAfter", Durations.format(limits.stopAfter()));
    put(path + ".requestBody", Quantity.formatBytes(limits.requestBodyBytes()));
    put(path + ".egress.requestsPerSecond", limits.egress().requestsPerSecond());
    put(path + ".egress.connections", limits.egress().connections());
    put(path + ".egress.bytesPerHour", Quantity.formatBytes(limits.egress().bytesPerHour()));
  }

  private void backup(String path, BackupPolicy backup) {
    put(path + ".schedule", backup.schedule() + " " + backup.zone());
    BackupPolicy.Keep keep = backup.keep();
    put(
        path + ".keep",
        "last %d, hourly %d, daily %d, weekly %d, monthly %d, yearly %d"
            .formatted(
                keep.last(),
                keep.hourly(),
                keep.daily(),
                keep.weekly(),
                keep.monthly(),
                keep.yearly()));
  }

  private void whitelist(EgressWhitelist whitelist) {
    put("appspace", whitelist.appspace());
    for (AllowEntry allowEntry : whitelist.allow()) {
      switch (allowEntry) {
        case AllowUrl url -> {
          rule("allow", url.rule());
          url.headers()
              .forEach(
                  (name, value) -> put("allow[" + url.rule().url() + "].headers." + name, value));
        }
        case AllowAppspace other ->
            put(
                "allow[appspace " + other.appspace() + "]",
                other.reason().orElse("allowed") + until(other.expires()));
      }
    }
    whitelist.deny().forEach(whitelistRule -> rule("deny", whitelistRule));
    whitelist.pending().forEach(whitelistRule -> rule("pending", whitelistRule));
    browserEntries("allow", whitelist.browserEntries().allow());
    browserEntries("deny", whitelist.browserEntries().deny());
    browserEntries("pending", whitelist.browserEntries().pending());
    EgressWhitelist.BrowserPolicy browserPolicy = whitelist.browser();
    put("browser.inlineStyles", browserPolicy.has(PageFeature.INLINE_STYLES));
    for (PageFeature feature : browserPolicy.page()) {
      put("browser." + feature.word(), true);
    }
    put("browser.beforeUnload", browserPolicy.beforeUnload());
    list("browser.images", browserPolicy.images());
    list("browser.media", browserPolicy.media());
    list("browser.fonts", browserPolicy.fonts());
    list("browser.connect", browserPolicy.connect());
    list("browser.frames", browserPolicy.frames());
    list("browser.links", browserPolicy.links());
    list("browser.features", browserPolicy.features());
  }

  /** Digests of the encrypted texts, which say nothing about the values. */
  private void secret(Secret secret) {
    secret
        .secrets()
        .forEach(
            (appspace, entries) ->
                entries.forEach(
                    (name, entry) ->
                        put(
                            "secrets[%s].%s".formatted(appspace, name),
                            "encrypted, " + entry.digest())));
  }

  private void browserEntries(String list, List<EgressWhitelist.BrowserEntry> entries) {
    entries.forEach(
        entry ->
            put(
                list + "[browser " + entry.feature() + "]",
                entry.reason().orElse("yes") + until(entry.expires())));
  }

  private void rule(String list, WhitelistRule whitelistRule) {
    String path = list + "[" + whitelistRule.url() + "]";
    String text =
        String.join(", ", whitelistRule.methods())
            + until(whitelistRule.expires())
            + whitelistRule.reason().map(why -> ": " + why).orElse("");
    // A URL may be listed twice with different methods; both entries count.
    fields.merge(path, text, (first, second) -> first + "; " + second);
  }

  private static String until(Optional<Instant> expires) {
    return expires.map(end -> " until " + EndOfGrant.format(end)).orElse("");
  }

  private void list(String path, Collection<String> values) {
    if (!values.isEmpty()) {
      put(path, String.join(", ", values));
    }
  }

  private void put(String path, Object value) {
    fields.put(path, value.toString());
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
