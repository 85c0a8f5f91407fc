package io.dropserver.reconciler.edit;

import io.dropserver.reconciler.edit.Fragment.FieldGroup;
import io.dropserver.reconciler.edit.Fragment.FragmentField;
import io.dropserver.reconciler.edit.Outline.MappingOutline;
import io.dropserver.reconciler.edit.Outline.ScalarOutline;
import io.dropserver.reconciler.edit.WhitelistEditor.EditRefused;
import io.dropserver.reconciler.edit.WhitelistEditor.EditResult;
import io.dropserver.reconciler.edit.WhitelistEditor.Edited;
import io.dropserver.schema.document.DocumentParser;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Edits documents of a file, and writes new files. All other bytes of a file stay unchanged,
 * including a byte order mark and line endings.
 */
final class EditableDocuments {
  private static final String MARK = "\uFEFF";

  private EditableDocuments() {}

  interface Change {
    YamlChange of(FragmentInserter inserter, MappingOutline document);
  }

  /** Changes the document of this kind and name. */
  static EditResult edit(byte[] file, String kind, String name, Change change) {
    try {
      String whole = decode(file);
      String mark = whole.startsWith(MARK) ? MARK : "";
      YamlFile yaml = YamlFile.read(whole.substring(mark.length()));
      MappingOutline document = find(yaml, kind, name);
      FragmentInserter inserter =
          new FragmentInserter(
              new SourceLines(yaml.text()), IndentStyle.of(yaml, document), yaml.events());
      String edited = mark + change.of(inserter, document).apply(yaml);
      return edited.getBytes(StandardCharsets.UTF_8).length > DocumentParser.MAX_FILE_BYTES
          ? new EditRefused("it would grow beyond 1 MiB")
          : new Edited(edited);
    } catch (UneditableException e) {
      return new EditRefused(e.reason());
    }
  }

  /** Returns the text of a new file with one document. */
  static String newFile(String kind, String name, FieldGroup spec) {
    return Stream.of(
            FragmentField.text("apiVersion", "dropserver.io/v1"),
            FragmentField.text("kind", kind),
            FragmentField.group("metadata", FragmentField.text("name", name)),
            new FragmentField("spec", spec))
        .flatMap(field -> Fragment.block(field, 0, Fragment.Indent.DEFAULT).stream())
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /**
   * @throws UneditableException if the file is too large or not UTF-8
   */
  private static String decode(byte[] file) {
    if (file.length > DocumentParser.MAX_FILE_BYTES) {
      throw new UneditableException("it is larger than 1 MiB");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString();
    } catch (CharacterCodingException e) {
      throw new UneditableException("it is not UTF-8");
    }
  }

  /**
   * Returns the document of this kind and name.
   *
   * @throws UneditableException if the file contains none or several
   */
  private static MappingOutline find(YamlFile file, String kind, String name) {
    List<MappingOutline> found = new ArrayList<>();
    for (Outline root : file.documents()) {
      if (root instanceof MappingOutline mappingOutline && mappingOutline.hasValue("kind", kind)) {
        mappingOutline
            .uniqueEntry("metadata")
            .filter(
                pairOutline ->
                    pairOutline.value() instanceof MappingOutline data
                        && data.hasValue("name", name))
            .ifPresent(pairOutline -> found.add(mappingOutline));
      }
    }
    if (found.size() != 1) {
      throw new UneditableException(
          "it contains "
              + (found.isEmpty() ? "no" : "more than one")
              + (kind.equals("EgressWhitelist") ? " whitelist `" : " " + kind + " `")
              + name
              + "`");
    }
    editable(found.getFirst(), "document");
    return found.getFirst();
  }

  /**
   * Returns the node, or throws if it has an anchor, an alias or a tag. An anchored node may be
   * referenced elsewhere, and an alias is defined elsewhere.
   */
  static Outline editable(Outline node, String key) {
    boolean alias =
        node instanceof ScalarOutline scalarOutline && scalarOutline.style() == Outline.Style.ALIAS;
    if (alias || node.span().decorated()) {
      throw new UneditableException("its `" + key + "` has an anchor, an alias or a tag");
    }
    return node;
  }
}
