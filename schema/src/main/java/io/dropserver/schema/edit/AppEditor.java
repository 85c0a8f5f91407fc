package io.dropserver.schema.edit;

import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.edit.Fragment.Entries;
import io.dropserver.schema.edit.Fragment.FieldGroup;
import io.dropserver.schema.edit.Fragment.FragmentField;
import io.dropserver.schema.edit.Fragment.InlineList;
import io.dropserver.schema.edit.Fragment.TextFragment;
import io.dropserver.schema.edit.Outline.MappingOutline;
import io.dropserver.schema.edit.Outline.SequenceOutline;
import io.dropserver.schema.edit.WhitelistEditor.EditRefused;
import io.dropserver.schema.edit.WhitelistEditor.EditResult;
import io.dropserver.schema.edit.WhitelistEditor.Edited;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes packages from npm into App documents. All other bytes of a file stay unchanged, and each
 * result is parsed again to verify that it means the same as before plus the new text. Stateless.
 */
public final class AppEditor {
  private static final String MARK = "\uFEFF";

  private AppEditor() {}

  /**
   * A new version of an App.
   *
   * @param npm name of the package
   * @param lock path of the lock file from the folder of the document
   * @param args arguments of the program; if empty, the entry has no manifest
   */
  public record NpmVersion(String version, String npm, String lock, List<String> args) {
    public NpmVersion {
      args = List.copyOf(args);
    }

    private FieldGroup fragment() {
      List<FragmentField> fields = new ArrayList<>();
      fields.add(new FragmentField("version", new TextFragment(version)));
      fields.add(
          new FragmentField(
              "source", new FieldGroup(List.of(new FragmentField("npm", new TextFragment(npm))))));
      fields.add(new FragmentField("lock", new TextFragment(lock)));
      if (!args.isEmpty()) {
        fields.add(
            new FragmentField(
                "manifest",
                new FieldGroup(List.of(new FragmentField("args", new InlineList(args))))));
      }
      return new FieldGroup(fields);
    }
  }

  /** Returns the text of a new file with one App. */
  public static String newFile(String app, NpmVersion version) {
    List<FragmentField> fields =
        List.of(
            new FragmentField("apiVersion", new TextFragment("dropserver.io/v1")),
            new FragmentField("kind", new TextFragment("App")),
            new FragmentField(
                "metadata",
                new FieldGroup(List.of(new FragmentField("name", new TextFragment(app))))),
            new FragmentField(
                "spec",
                new FieldGroup(
                    List.of(
                        new FragmentField("versions", new Entries(List.of(version.fragment())))))));
    List<String> lines = new ArrayList<>();
    fields.forEach(field -> lines.addAll(Fragment.block(field, 0, Fragment.Indent.DEFAULT)));
    return String.join("\n", lines) + "\n";
  }

  /** Adds a version after the last one of the App document in a file. */
  public static EditResult addVersion(byte[] file, String app, NpmVersion version) {
    return edit(file, app, (inserter, versions) -> inserter.item(versions, version.fragment()));
  }

  /** Adds {@code lock} to a version that has none. */
  public static EditResult addLock(byte[] file, String app, String version, String lock) {
    return edit(
        file,
        app,
        (inserter, versions) -> {
          MappingOutline entry = entry(versions, version);
          if (entry.uniqueEntry("lock").isPresent()) {
            throw new UneditableException("version " + version + " has a `lock` already");
          }
          return inserter.field(
              entry,
              entry.uniqueEntry("source"),
              new FragmentField("lock", new TextFragment(lock)));
        });
  }

  private interface Change {
    YamlChange of(FragmentInserter inserter, SequenceOutline versions);
  }

  private static EditResult edit(byte[] file, String app, Change change) {
    try {
      String whole = EditableDocuments.decode(file);
      String mark = whole.startsWith(MARK) ? MARK : "";
      YamlFile yaml = YamlFile.read(whole.substring(mark.length()));
      MappingOutline document = EditableDocuments.find(yaml, "App", app);
      FragmentInserter inserter = new FragmentInserter(yaml, IndentStyle.of(yaml, document));
      String edited = mark + change.of(inserter, versions(document)).apply(yaml);
      return edited.getBytes(StandardCharsets.UTF_8).length > DocumentParser.MAX_FILE_BYTES
          ? new EditRefused("it would grow beyond 1 MiB")
          : new Edited(edited);
    } catch (UneditableException e) {
      return new EditRefused(e.reason());
    }
  }

  private static SequenceOutline versions(MappingOutline document) {
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

  private static MappingOutline entry(SequenceOutline versions, String version) {
    for (Outline item : versions.items()) {
      if (item instanceof MappingOutline entry && entry.hasValue("version", version)) {
        EditableDocuments.editable(entry, "version");
        return entry;
      }
    }
    throw new UneditableException("it has no version " + version);
  }
}
