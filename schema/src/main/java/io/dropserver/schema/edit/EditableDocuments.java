package io.dropserver.schema.edit;

import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.edit.Outline.MappingOutline;
import io.dropserver.schema.edit.Outline.ScalarOutline;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Finds the documents of a file that can be edited. */
final class EditableDocuments {
  private EditableDocuments() {}

  /**
   * @throws UneditableException if the file is too large or not UTF-8
   */
  static String decode(byte[] file) {
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
  static MappingOutline find(YamlFile file, String kind, String name) {
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
