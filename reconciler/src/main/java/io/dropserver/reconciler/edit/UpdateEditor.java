package io.dropserver.reconciler.edit;

import io.dropserver.reconciler.edit.Fragment.Entries;
import io.dropserver.reconciler.edit.Fragment.FieldGroup;
import io.dropserver.reconciler.edit.Fragment.FragmentField;
import io.dropserver.reconciler.edit.Fragment.InlineList;
import io.dropserver.reconciler.edit.Outline.MappingOutline;
import io.dropserver.reconciler.edit.Outline.PairOutline;
import io.dropserver.reconciler.edit.Outline.ScalarOutline;
import io.dropserver.reconciler.edit.Outline.SequenceOutline;
import io.dropserver.reconciler.edit.WhitelistEditor.EditResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a new version into an App document as a copy of another version, and changes the version
 * of appspaces. All other bytes of a file stay unchanged, and each result is parsed again.
 * Stateless.
 */
public final class UpdateEditor {
  private UpdateEditor() {}

  /**
   * An item of a list in a manifest, which asks for something.
   *
   * @param list {@code egress} or {@code browser}
   * @param key of the item's name: {@code url} or {@code feature}
   */
  public record Suggestion(
      String list, String key, String name, List<String> methods, String reason) {
    public Suggestion {
      methods = List.copyOf(methods);
    }

    public static Suggestion egress(String url, List<String> methods, String reason) {
      return new Suggestion("egress", "url", url, methods, reason);
    }

    public static Suggestion browser(String feature, String reason) {
      return new Suggestion("browser", "feature", feature, List.of(), reason);
    }

    private FieldGroup fragment() {
      List<FragmentField> fields = new ArrayList<>();
      fields.add(FragmentField.text(key, name));
      if (!methods.isEmpty()) {
        fields.add(new FragmentField("methods", InlineList.of(methods)));
      }
      if (!reason.isEmpty()) {
        fields.add(FragmentField.text("reason", reason));
      }
      return new FieldGroup(fields);
    }
  }

  /**
   * Adds a copy of a version after the last version of an App.
   *
   * @param from the version that is copied
   * @param texts the texts that differ, by their path in the entry, such as {@code source.commit};
   *     paths that the entry lacks are ignored
   */
  public static EditResult copyVersion(
      byte[] file, String app, String from, Map<String, String> texts) {
    return EditableDocuments.edit(
        file,
        "App",
        app,
        (inserter, document) -> {
          SequenceOutline versions = AppEditor.versions(document);
          MappingOutline entry = AppEditor.entry(versions, from);
          List<ScalarOutline> replaced = new ArrayList<>();
          List<String> by = new ArrayList<>();
          texts.forEach(
              (path, text) ->
                  find(entry, path)
                      .ifPresent(
                          scalar -> {
                            replaced.add(scalar);
                            by.add(text);
                          }));
          return inserter.copy(versions, entry, replaced, by);
        });
  }

  /** Adds an item to a list in {@code manifest} of a version of an App. */
  public static EditResult addSuggestion(
      byte[] file, String app, String version, Suggestion suggestion) {
    return EditableDocuments.edit(
        file,
        "App",
        app,
        (inserter, document) -> {
          MappingOutline entry = AppEditor.entry(AppEditor.versions(document), version);
          FragmentField list =
              new FragmentField(suggestion.list(), new Entries(List.of(suggestion.fragment())));
          Optional<PairOutline> manifest = entry.uniqueEntry("manifest");
          if (manifest.isEmpty()) {
            return inserter.field(entry, Optional.empty(), FragmentField.group("manifest", list));
          }
          if (!(EditableDocuments.editable(manifest.get().value(), "manifest")
                  instanceof MappingOutline fields)
              || fields.pairs().isEmpty()) {
            throw new UneditableException("its `manifest` is not a mapping with fields");
          }
          Optional<PairOutline> present = fields.uniqueEntry(suggestion.list());
          if (present.isEmpty()) {
            return inserter.field(fields, Optional.empty(), list);
          }
          if (EditableDocuments.editable(present.get().value(), suggestion.list())
                  instanceof SequenceOutline items
              && !items.items().isEmpty()) {
            return inserter.item(items, suggestion.fragment());
          }
          throw new UneditableException("its `" + suggestion.list() + "` is not a list with items");
        });
  }

  /** Changes {@code spec.app.version} of an appspace. */
  public static EditResult setVersion(byte[] file, String appspace, String version) {
    return EditableDocuments.edit(
        file,
        "Appspace",
        appspace,
        (inserter, document) -> {
          ScalarOutline scalar =
              find(document, "spec.app.version")
                  .orElseThrow(() -> new UneditableException("it has no `app.version`"));
          return new YamlChange(
              List.of(
                  new TextEdit(scalar.span().start(), scalar.span().end(), ScalarText.of(version))),
              scalar.span().firstEvent(),
              scalar.span().lastEvent() + 1,
              List.of(EventText.scalar(version, ScalarText.isPlain(version))));
        });
  }

  /** Returns the text at a path of keys. */
  private static Optional<ScalarOutline> find(MappingOutline root, String path) {
    Outline node = root;
    for (String key : path.split("\\.", -1)) {
      if (!(node instanceof MappingOutline mapping) || mapping.uniqueEntry(key).isEmpty()) {
        return Optional.empty();
      }
      node = EditableDocuments.editable(mapping.uniqueEntry(key).get().value(), key);
    }
    if (node instanceof ScalarOutline scalar && scalar.style() != Outline.Style.BLOCK) {
      return Optional.of(scalar);
    }
    throw new UneditableException("its `" + path + "` is not a text on one line");
  }
}
