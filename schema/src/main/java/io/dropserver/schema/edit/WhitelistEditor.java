package io.dropserver.schema.edit;

import io.dropserver.schema.edit.Fragment.Entries;
import io.dropserver.schema.edit.Fragment.FieldGroup;
import io.dropserver.schema.edit.Fragment.FragmentField;
import io.dropserver.schema.edit.Outline.MappingOutline;
import io.dropserver.schema.edit.Outline.PairOutline;
import io.dropserver.schema.edit.Outline.ScalarOutline;
import io.dropserver.schema.edit.Outline.SequenceOutline;
import io.dropserver.schema.edit.WhitelistEntry.ListName;
import java.util.List;
import java.util.Optional;

/**
 * Inserts an entry into an EgressWhitelist document of a file. At most an explicit {@code null} is
 * replaced. All other bytes stay unchanged, including a byte order mark and line endings. Each
 * result is parsed again to verify that it means the same as before plus the new entry. Stateless.
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
