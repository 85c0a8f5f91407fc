package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.edit.WhitelistEditor;
import io.dropserver.reconciler.edit.WhitelistEditor.EditRefused;
import io.dropserver.reconciler.edit.WhitelistEditor.EditResult;
import io.dropserver.reconciler.edit.WhitelistEditor.Edited;
import io.dropserver.reconciler.edit.WhitelistEntry;
import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import io.dropserver.reconciler.source.EditedTree;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.EgressWhitelist.AllowAppspace;
import io.dropserver.schema.instance.EgressWhitelist.AllowEntry;
import io.dropserver.schema.instance.EgressWhitelist.AllowUrl;
import io.dropserver.schema.instance.EgressWhitelist.BrowserEntries;
import io.dropserver.schema.instance.EgressWhitelist.BrowserEntry;
import io.dropserver.schema.instance.EgressWhitelist.WhitelistRule;
import io.dropserver.schema.instance.EndOfGrant;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Adds entries to the appropriate whitelist file. Before a commit, parses the whole edited
 * repository, to ensure that it is valid and contains the intended entries.
 */
record WhitelistEdit(InstanceReader reader, ReadOptions options) {
  /** A parsed revision on which a commit is based. */
  record Base(String commit, SourceTree tree, ReadResult read, Instance instance) {}

  /** The new content of one file. */
  record Change(String path, String text) {
    byte[] bytes() {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Parses a revision; empty if it is not valid. */
  Optional<Base> base(String commit, SourceTree tree, Optional<Base> before) throws IOException {
    ReadOptions known = before.map(b -> options.withPrevious(b.read())).orElse(options);
    ReadResult read = reader.read(tree, known);
    return read.instance().map(instance -> new Base(commit, tree, read, instance));
  }

  /**
   * Adds entries. If the appspace's own whitelist allows a URL already, its entry is widened.
   *
   * @throws WriteBackBlockedException when no file can be edited so that the revision stays valid
   */
  Change addEntries(
      Base base, String appspace, ListName list, List<WhitelistEntry> entries, Instant now)
      throws IOException {
    Optional<EgressWhitelist> own =
        Optional.ofNullable(base.instance().whitelists().get(appspace))
            .filter(whitelist -> whitelist.appspace().equals(appspace));
    if (own.isPresent()) {
      List<Addition> additions =
          entries.stream().map(entry -> addition(own.get(), list, entry, now)).toList();
      Optional<Change> edited = inPlace(base, own.get(), list, additions);
      if (edited.isPresent() && isValidEdit(base, edited.get(), appspace, list, additions)) {
        return edited.get();
      }
    }
    Change file = newFile(base, appspace, list, entries);
    List<Addition> separate =
        entries.stream().map(entry -> new Addition(entry, Optional.empty())).toList();
    if (!isValidEdit(base, file, appspace, list, separate)) {
      throw new WriteBackBlockedException(
          "neither " + file.path() + " nor the whitelist's own file can take the entry", false);
    }
    return file;
  }

  /**
   * An entry to add.
   *
   * @param widened the entry that is widened instead
   */
  private record Addition(WhitelistEntry entry, Optional<WhitelistRule> widened) {
    /** Returns the methods of the entry after the edit. */
    SortedSet<String> methods() {
      SortedSet<String> all = new TreeSet<>(entry.methods());
      widened.ifPresent(rule -> all.addAll(rule.methods()));
      return all;
    }
  }

  /**
   * Finds the entry to widen. It has the same end, or has ended and gets the new end. An entry with
   * headers is not widened, because a secret in them would be sent with further methods.
   */
  private static Addition addition(
      EgressWhitelist own, ListName list, WhitelistEntry entry, Instant now) {
    List<AllowUrl> same =
        own.allow().stream()
            .filter(AllowUrl.class::isInstance)
            .map(AllowUrl.class::cast)
            .filter(url -> url.rule().url().equals(entry.url()))
            .toList();
    boolean widens =
        list == ListName.ALLOW
            && same.size() == 1
            && same.getFirst().headers().isEmpty()
            && (end(same.getFirst().rule()).equals(entry.expires())
                || (!same.getFirst().rule().isInForce(now) && entry.expires().isPresent()));
    return new Addition(entry, widens ? Optional.of(same.getFirst().rule()) : Optional.empty());
  }

  private static Optional<String> end(WhitelistRule rule) {
    return rule.expires().map(EndOfGrant::format);
  }

  private static Optional<Change> inPlace(
      Base base, EgressWhitelist own, ListName list, List<Addition> additions) throws IOException {
    String path = own.location().file();
    Optional<SourceTree.TreeEntry> file = base.tree().find(path);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = base.tree().read(file.get());
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (Addition addition : additions) {
      EditResult result = edit(bytes, own, list, addition);
      switch (result) {
        case Edited(String edited) -> text = edited;
        case EditRefused _ -> {
          return Optional.empty();
        }
      }
      bytes = text.getBytes(StandardCharsets.UTF_8);
    }
    return Optional.of(new Change(path, text));
  }

  private static EditResult edit(
      byte[] bytes, EgressWhitelist own, ListName list, Addition addition) {
    WhitelistEntry entry = addition.entry();
    if (addition.widened().isEmpty()) {
      return WhitelistEditor.insert(bytes, own.name(), own.appspace(), list, entry);
    }
    WhitelistRule rule = addition.widened().get();
    EditResult result = new Edited(new String(bytes, StandardCharsets.UTF_8));
    if (!addition.methods().equals(rule.methods())) {
      result = WhitelistEditor.addMethods(bytes, own.name(), entry.url(), addition.methods());
    }
    if (!end(rule).equals(entry.expires()) && result instanceof Edited(String text)) {
      result =
          WhitelistEditor.setEnd(
              text.getBytes(StandardCharsets.UTF_8),
              own.name(),
              entry.url(),
              entry.expires().orElseThrow());
    }
    return result;
  }

  /** Inserts the entries one by one, which preserves their order. */
  private static Optional<String> insert(
      byte[] file, String name, String appspace, ListName list, List<WhitelistEntry> entries) {
    String text = new String(file, StandardCharsets.UTF_8);
    byte[] bytes = file;
    for (WhitelistEntry entry : entries) {
      switch (WhitelistEditor.insert(bytes, name, appspace, list, entry)) {
        case Edited(String edited) -> text = edited;
        case EditRefused _ -> {
          return Optional.empty();
        }
      }
      bytes = text.getBytes(StandardCharsets.UTF_8);
    }
    return Optional.of(text);
  }

  private static String fileOf(
      String name, String appspace, ListName list, List<WhitelistEntry> entries) {
    String first = WhitelistEditor.newFile(name, appspace, list, entries.getFirst());
    List<WhitelistEntry> rest = entries.subList(1, entries.size());
    return insert(first.getBytes(StandardCharsets.UTF_8), name, appspace, list, rest)
        .orElseThrow(
            () -> new WriteBackBlockedException("the entries do not form a valid file", false));
  }

  /** Creates a file next to the other whitelists or, if there are none, next to the appspace. */
  private static Change newFile(
      Base base, String appspace, ListName list, List<WhitelistEntry> entries) {
    Instance instance = base.instance();
    String neighbour =
        instance.whitelists().values().stream()
            .map(whitelist -> whitelist.location().file())
            .findFirst()
            .orElseGet(() -> instance.appspace(appspace).orElseThrow().location().file());
    String folder = neighbour.substring(0, neighbour.lastIndexOf('/') + 1);
    List<String> names = new ArrayList<>(List.of(appspace, shortened(appspace) + "-egress"));
    for (int i = 2; i < 100; i++) {
      names.add(shortened(appspace) + "-egress-" + i);
    }
    for (String name : names) {
      boolean bearsAnothersName = instance.appspace(name).isPresent() && !name.equals(appspace);
      String path = folder + name + ".yaml";
      if (!instance.whitelists().containsKey(name) && !bearsAnothersName) {
        if (base.tree().find(path).isPresent()) {
          path = folder + name + "-egress.yaml";
        }
        if (base.tree().find(path).isEmpty()) {
          return new Change(path, fileOf(name, appspace, list, entries));
        }
      }
    }
    throw new WriteBackBlockedException(
        "all hundred candidate names for a whitelist of " + appspace + " are in use", false);
  }

  /** Shortens a name so that a suffix fits into the limit of 63 characters. */
  private static String shortened(String name) {
    String cut = name.length() > 50 ? name.substring(0, 50) : name;
    return cut.endsWith("-") ? cut.substring(0, cut.length() - 1) : cut;
  }

  private boolean isValidEdit(
      Base base, Change change, String appspace, ListName list, List<Addition> additions)
      throws IOException {
    SourceTree tree = EditedTree.of(base.tree(), change.path(), change.bytes());
    Optional<Instance> after = reader.read(tree, options.withPrevious(base.read())).instance();
    if (after.isEmpty()) {
      return false;
    }
    List<WhitelistRule> rules = rules(after.get(), appspace, list);
    long inserted = additions.stream().filter(addition -> addition.widened().isEmpty()).count();
    return rules.size() == rules(base.instance(), appspace, list).size() + inserted
        && additions.stream()
            .allMatch(
                addition ->
                    rules.stream()
                        .anyMatch(whitelistRule -> matches(whitelistRule, change, addition)));
  }

  private static boolean matches(WhitelistRule whitelistRule, Change change, Addition addition) {
    return whitelistRule.location().file().equals(change.path())
        && whitelistRule.url().equals(addition.entry().url())
        && end(whitelistRule).equals(addition.entry().expires())
        && (addition.methods().isEmpty() || whitelistRule.methods().equals(addition.methods()));
  }

  /**
   * Returns the entries of an appspace's whitelists in one list. The URL of a browser feature is
   * that of {@link WhitelistEntry}.
   */
  static List<WhitelistRule> rules(Instance instance, String appspace, ListName list) {
    List<WhitelistRule> rules = new ArrayList<>();
    for (EgressWhitelist whitelist : instance.whitelists().values()) {
      if (whitelist.appspace().equals(appspace)) {
        BrowserEntries browser = whitelist.browserEntries();
        switch (list) {
          case ALLOW -> {
            whitelist.allow().forEach(allowEntry -> add(allowEntry, rules));
            addBrowser(browser.allow(), rules);
          }
          case DENY -> {
            rules.addAll(whitelist.deny());
            addBrowser(browser.deny(), rules);
          }
          case PENDING -> {
            rules.addAll(whitelist.pending());
            addBrowser(browser.pending(), rules);
          }
        }
      }
    }
    return rules;
  }

  private static void add(AllowEntry allowEntry, List<WhitelistRule> rules) {
    switch (allowEntry) {
      case AllowUrl url -> rules.add(url.rule());
      case AllowAppspace _ -> {}
    }
  }

  private static void addBrowser(List<BrowserEntry> entries, List<WhitelistRule> rules) {
    for (BrowserEntry entry : entries) {
      String url = WhitelistEntry.ofBrowser(entry.feature(), entry.reason()).url();
      rules.add(
          new WhitelistRule(
              entry.location(),
              url,
              Collections.emptySortedSet(),
              entry.reason(),
              entry.expires()));
    }
  }
}
