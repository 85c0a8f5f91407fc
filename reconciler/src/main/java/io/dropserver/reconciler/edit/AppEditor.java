package io.dropserver.reconciler.edit;

import io.dropserver.reconciler.edit.Fragment.Entries;
import io.dropserver.reconciler.edit.Fragment.FieldGroup;
import io.dropserver.reconciler.edit.Fragment.FragmentField;
import io.dropserver.reconciler.edit.Fragment.InlineList;
import io.dropserver.reconciler.edit.Outline.MappingOutline;
import io.dropserver.reconciler.edit.Outline.SequenceOutline;
import io.dropserver.reconciler.edit.WhitelistEditor.EditResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes versions into App documents. All other bytes of a file stay unchanged, and each result is
 * parsed again to verify that it means the same as before plus the new text. Stateless.
 */
public final class AppEditor {
  private AppEditor() {}

  /**
   * A new version of an App.
   *
   * @param source the fields of the source, such as npm, or git and commit, in their order
   * @param lock path of the lock file from the folder of the document; empty if the entry has none
   * @param entrypoint of the manifest
   * @param args arguments of the program; without them and an entrypoint, the entry has no manifest
   */
  public record NewVersion(
      String version,
      List<SourceField> source,
      Optional<String> lock,
      Optional<String> entrypoint,
      List<String> args) {
    public NewVersion {
      source = List.copyOf(source);
      args = List.copyOf(args);
    }

    /** Returns a version of a package from npm. */
    public static NewVersion npm(String version, String npm, String lock, List<String> args) {
      return new NewVersion(
          version, List.of(new SourceField("npm", npm)), Optional.of(lock), Optional.empty(), args);
    }

    private FieldGroup fragment() {
      List<FragmentField> fields = new ArrayList<>();
      fields.add(FragmentField.text("version", version));
      fields.add(
          FragmentField.group(
              "source",
              source.stream()
                  .map(field -> FragmentField.text(field.key(), field.value()))
                  .toArray(FragmentField[]::new)));
      lock.ifPresent(path -> fields.add(FragmentField.text("lock", path)));
      List<FragmentField> manifest = new ArrayList<>();
      entrypoint.ifPresent(path -> manifest.add(FragmentField.text("entrypoint", path)));
      if (!args.isEmpty()) {
        manifest.add(new FragmentField("args", InlineList.of(args)));
      }
      if (!manifest.isEmpty()) {
        fields.add(FragmentField.group("manifest", manifest.toArray(FragmentField[]::new)));
      }
      return new FieldGroup(fields);
    }
  }

  /** A field of a source. */
  public record SourceField(String key, String value) {}

  /** Returns the text of a new file with one App. */
  public static String newFile(String app, NewVersion version) {
    FragmentField versions =
        new FragmentField("versions", new Entries(List.of(version.fragment())));
    return EditableDocuments.newFile("App", app, new FieldGroup(List.of(versions)));
  }

  /** Adds a version after the last one of the App document in a file. */
  public static EditResult addVersion(byte[] file, String app, NewVersion version) {
    return EditableDocuments.edit(
        file,
        "App",
        app,
        (inserter, document) -> inserter.item(versions(document), version.fragment()));
  }

  /** Adds {@code lock} to a version that has none. */
  public static EditResult addLock(byte[] file, String app, String version, String lock) {
    return EditableDocuments.edit(
        file,
        "App",
        app,
        (inserter, document) -> {
          MappingOutline entry = entry(versions(document), version);
          if (entry.uniqueEntry("lock").isPresent()) {
            throw new UneditableException("version " + version + " has a `lock` already");
          }
          return inserter.field(
              entry, entry.uniqueEntry("source"), FragmentField.text("lock", lock));
        });
  }

  static SequenceOutline versions(MappingOutline document) {
    Optional<Outline> versions =
        document
            .uniqueEntry("spec")
            .map(spec -> EditableDocuments.editable(spec.value(), "spec"))
            .filter(MappingOutline.class::isInstance)
            .flatMap(spec -> ((MappingOutline) spec).uniqueEntry("versions"))
            .map(list -> EditableDocuments.editable(list.value(), "versions"));
    if (versions.isPresent()
        && versions.get() instanceof SequenceOutline list
        && !list.items().isEmpty()) {
      return list;
    }
    throw new UneditableException("its `spec.versions` is not a list of versions");
  }

  static MappingOutline entry(SequenceOutline versions, String version) {
    for (Outline item : versions.items()) {
      if (item instanceof MappingOutline entry && entry.hasValue("version", version)) {
        EditableDocuments.editable(entry, "version");
        return entry;
      }
    }
    throw new UneditableException("it has no version " + version);
  }
}
