package io.dropserver.reconciler.edit;

import io.dropserver.reconciler.edit.Fragment.Entries;
import io.dropserver.reconciler.edit.Fragment.FieldGroup;
import io.dropserver.reconciler.edit.Fragment.FragmentField;
import io.dropserver.reconciler.edit.Outline.MappingOutline;
import io.dropserver.reconciler.edit.Outline.PairOutline;
import io.dropserver.reconciler.edit.Outline.ScalarOutline;
import io.dropserver.reconciler.edit.Outline.SequenceOutline;
import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Inserts an entry into an EgressWhitelist document of a file, or widens one. At most an explicit
 * {@code null} or the end of an entry is replaced. All other bytes stay unchanged, including a byte
 * order mark and line endings. Each result is parsed again to verify that it means the same as
 * before plus the new entry. Stateless.
 */
public final class WhitelistEditor {
  private static final List<String> ORDER = List.of("appspace", "allow", "deny", "pending");

  private WhitelistEditor() {}

  /** The result of an edit. */
  public sealed interface EditResult {}

  /**
   * @param text the whole file, to be encoded as UTF-8
   */
  public record Edited(String text) implements EditResult {}

  /**
   * The file is unchanged. The caller puts the entry into a new file.
   *
   * @param reason a clause that starts with a lower-case letter, such as {@code it is not valid
   *     YAML}
   */
  public record EditRefused(String reason) implements EditResult {}

  /**
   * @param name the name of the whitelist document in the file
   * @param appspace the appspace of the whitelist, used if its spec is missing or empty
   */
  public static EditResult insert(
      byte[] file, String name, String appspace, ListName list, WhitelistEntry entry) {
    FragmentField fragmentField = field(list, entry);
    return EditableDocuments.edit(
        file,
        "EgressWhitelist",
        name,
        (inserter, document) -> change(inserter, document, appspace, list, fragmentField));
  }

  /**
   * Adds methods to the only entry under {@code allow} with a URL. The entry keeps its own.
   *
   * @param all the methods that the entry has afterwards
   */
  public static EditResult addMethods(byte[] file, String name, String url, SortedSet<String> all) {
    return EditableDocuments.edit(
        file,
        "EgressWhitelist",
        name,
        (inserter, document) -> {
          MappingOutline entry = allowEntry(document, url);
          Optional<PairOutline> methods = entry.uniqueEntry("methods");
          if (methods.isEmpty()) {
            return inserter.field(
                entry,
                entry.uniqueEntry("url"),
                new FragmentField("methods", Fragment.InlineList.of(all)));
          }
          if (EditableDocuments.editable(methods.get().value(), "methods")
                  instanceof SequenceOutline list
              && !list.items().isEmpty()) {
            return inserter.texts(list, missing(list, all));
          }
          throw new UneditableException("the `methods` of " + url + " are not a list");
        });
  }

  private static List<String> missing(SequenceOutline list, SortedSet<String> all) {
    SortedSet<String> missing = new TreeSet<>(all);
    for (Outline item : list.items()) {
      if (EditableDocuments.editable(item, "methods") instanceof ScalarOutline method) {
        missing.remove(method.text());
      }
    }
    return List.copyOf(missing);
  }

  /** Sets {@code expires} of the only entry under {@code allow} with a URL, which has that key. */
  public static EditResult setEnd(byte[] file, String name, String url, String expires) {
    return EditableDocuments.edit(
        file,
        "EgressWhitelist",
        name,
        (inserter, document) -> {
          Optional<PairOutline> end = allowEntry(document, url).uniqueEntry("expires");
          if (end.isPresent()
              && EditableDocuments.editable(end.get().value(), "expires")
                  instanceof ScalarOutline scalar) {
            return inserter.text(scalar, expires);
          }
          throw new UneditableException("the entry of " + url + " has no `expires`");
        });
  }

  private static MappingOutline allowEntry(MappingOutline document, String url) {
    Optional<Outline> allow =
        document
            .uniqueEntry("spec")
            .map(spec -> EditableDocuments.editable(spec.value(), "spec"))
            .filter(MappingOutline.class::isInstance)
            .flatMap(spec -> ((MappingOutline) spec).uniqueEntry("allow"))
            .map(list -> EditableDocuments.editable(list.value(), "allow"));
    if (allow.isPresent() && allow.get() instanceof SequenceOutline list) {
      List<MappingOutline> found =
          list.items().stream()
              .filter(MappingOutline.class::isInstance)
              .map(MappingOutline.class::cast)
              .filter(item -> item.hasValue("url", url))
              .toList();
      if (found.size() == 1) {
        EditableDocuments.editable(found.getFirst(), "allow");
        return found.getFirst();
      }
    }
    throw new UneditableException("its `allow` has not exactly one entry for " + url);
  }

  /** Returns the text of a new file with one whitelist. */
  public static String newFile(String name, String appspace, ListName list, WhitelistEntry entry) {
    return EditableDocuments.newFile("EgressWhitelist", name, spec(appspace, field(list, entry)));
  }

  private static FragmentField field(ListName list, WhitelistEntry entry) {
    return new FragmentField(list.key(), new Entries(List.of(entry.fragment())));
  }

  private static YamlChange change(
      FragmentInserter fragmentInserter,
      MappingOutline document,
      String appspace,
      ListName list,
      FragmentField fragmentField) {
    Optional<PairOutline> spec = document.uniqueEntry("spec");
    if (spec.isEmpty()) {
      return fragmentInserter.field(
          document, Optional.empty(), new FragmentField("spec", spec(appspace, fragmentField)));
    }
    return switch (EditableDocuments.editable(spec.get().value(), "spec")) {
      case ScalarOutline scalarOutline when scalarOutline.isNull() ->
          fragmentInserter.value(document, spec.get(), spec(appspace, fragmentField));
      case MappingOutline mappingOutline when mappingOutline.pairs().isEmpty() ->
          fragmentInserter.fields(mappingOutline, spec(appspace, fragmentField));
      case MappingOutline mappingOutline ->
          addToSpec(fragmentInserter, mappingOutline, list, fragmentField);
      case ScalarOutline _, SequenceOutline _ ->
          throw new UneditableException("its `spec` is not a mapping");
    };
  }

  private static YamlChange addToSpec(
      FragmentInserter fragmentInserter,
      MappingOutline spec,
      ListName list,
      FragmentField fragmentField) {
    Optional<PairOutline> present = spec.uniqueEntry(list.key());
    if (present.isEmpty()) {
      return fragmentInserter.field(spec, precedingKey(spec, list), fragmentField);
    }
    return switch (EditableDocuments.editable(present.get().value(), list.key())) {
      case ScalarOutline scalarOutline when scalarOutline.isNull() ->
          fragmentInserter.value(spec, present.get(), fragmentField.value());
      case SequenceOutline sequenceOutline ->
          fragmentInserter.item(
              sequenceOutline, ((Entries) fragmentField.value()).items().getFirst());
      case ScalarOutline _, MappingOutline _ ->
          throw new UneditableException("its `" + list.key() + "` is not a list");
    };
  }

  private static FieldGroup spec(String appspace, FragmentField list) {
    return new FieldGroup(List.of(FragmentField.text("appspace", appspace), list));
  }

  /** Returns the last key of the mapping that precedes the list in the usual order of keys. */
  private static Optional<PairOutline> precedingKey(MappingOutline spec, ListName list) {
    Optional<PairOutline> found = Optional.empty();
    for (String key : ORDER.subList(0, ORDER.indexOf(list.key()))) {
      Optional<PairOutline> earlier = found;
      found = spec.uniqueEntry(key).or(() -> earlier);
    }
    return found;
  }
}
