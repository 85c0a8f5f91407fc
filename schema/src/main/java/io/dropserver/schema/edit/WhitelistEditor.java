package io.dropserver.schema.edit;

import io.dropserver.schema.document.DocumentParser;
import io.dropserver.schema.edit.Fragment.Entries;
import io.dropserver.schema.edit.Fragment.Field;
import io.dropserver.schema.edit.Fragment.Fields;
import io.dropserver.schema.edit.Fragment.Text;
import io.dropserver.schema.edit.Outline.Items;
import io.dropserver.schema.edit.Outline.Leaf;
import io.dropserver.schema.edit.Outline.Pair;
import io.dropserver.schema.edit.Outline.Pairs;
import io.dropserver.schema.edit.WhitelistEntry.ListName;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Inserts an entry into an EgressWhitelist of a file. All other bytes of the file stay as they are,
 * including a byte order mark and line endings. Only an explicit {@code null} may be replaced. Each
 * result is parsed again to verify that it means the same as before plus the new entry. Stateless.
 */
public final class WhitelistEditor {
  private static final String MARK = "\uFEFF";
  private static final List<String> ORDER = List.of("appspace", "allow", "deny", "pending");

  private WhitelistEditor() {}

  /** The result of an edit. */
  public sealed interface Result {}

  /**
   * @param text the whole file, to be encoded as UTF-8
   */
  public record Edited(String text) implements Result {}

  /**
   * The file is unchanged. The caller puts the entry into a new file.
   *
   * @param why a clause that starts with a lower-case letter, such as {@code it is not valid YAML}
   */
  public record Refused(String why) implements Result {}

  /**
   * @param name the name of the whitelist document in the file
   * @param appspace the appspace of the whitelist, used if its spec is missing or empty
   */
  public static Result insert(
      byte[] file, String name, String appspace, ListName list, WhitelistEntry entry) {
    try {
      String whole = decode(file);
      String mark = whole.startsWith(MARK) ? MARK : "";
      YamlFile yaml = YamlFile.read(whole.substring(mark.length()));
      Pairs document = document(yaml, name);
      Insertion insertion = new Insertion(yaml, IndentStyle.of(yaml, document));
      Field field = new Field(list.key(), new Entries(List.of(entry.fragment())));
      String edited = mark + change(insertion, document, appspace, list, field).apply(yaml);
      if (edited.getBytes(StandardCharsets.UTF_8).length > DocumentParser.MAX_FILE_BYTES) {
        return new Refused("it would grow beyond 1 MiB");
      }
      return new Edited(edited);
    } catch (UneditableException e) {
      return new Refused(e.why());
    }
  }

  /** Returns the text of a new file with one whitelist. */
  public static String newFile(String name, String appspace, ListName list, WhitelistEntry entry) {
    List<Field> fields =
        List.of(
            new Field("apiVersion", new Text("dropserver.io/v1")),
            new Field("kind", new Text("EgressWhitelist")),
            new Field("metadata", new Fields(List.of(new Field("name", new Text(name))))),
            new Field(
                "spec",
                spec(appspace, new Field(list.key(), new Entries(List.of(entry.fragment()))))));
    List<String> lines = new ArrayList<>();
    fields.forEach(field -> lines.addAll(Fragment.block(field, 0, Fragment.Indent.DEFAULT)));
    return String.join("\n", lines) + "\n";
  }

  private static Change change(
      Insertion insertion, Pairs document, String appspace, ListName list, Field field) {
    Optional<Pair> spec = document.only("spec");
    if (spec.isEmpty()) {
      return insertion.field(document, Optional.empty(), new Field("spec", spec(appspace, field)));
    }
    return switch (editable(spec.get().value(), "spec")) {
      case Leaf leaf when leaf.isNull() ->
          insertion.value(document, spec.get(), spec(appspace, field));
      case Pairs pairs when pairs.pairs().isEmpty() ->
          insertion.fields(pairs, spec(appspace, field));
      case Pairs pairs -> intoSpec(insertion, pairs, list, field);
      case Leaf _, Items _ -> throw new UneditableException("its `spec` is no mapping");
    };
  }

  private static Change intoSpec(Insertion insertion, Pairs spec, ListName list, Field field) {
    Optional<Pair> present = spec.only(list.key());
    if (present.isEmpty()) {
      return insertion.field(spec, before(spec, list), field);
    }
    return switch (editable(present.get().value(), list.key())) {
      case Leaf leaf when leaf.isNull() -> insertion.value(spec, present.get(), field.value());
      case Items items -> insertion.item(items, ((Entries) field.value()).items().getFirst());
      case Leaf _, Pairs _ -> throw new UneditableException("its `" + list.key() + "` is no list");
    };
  }

  private static Fields spec(String appspace, Field list) {
    return new Fields(List.of(new Field("appspace", new Text(appspace)), list));
  }

  /** Returns the key after which a list is usually written. */
  private static Optional<Pair> before(Pairs spec, ListName list) {
    Optional<Pair> found = Optional.empty();
    for (String key : ORDER.subList(0, ORDER.indexOf(list.key()))) {
      Optional<Pair> earlier = found;
      found = spec.only(key).or(() -> earlier);
    }
    return found;
  }

  /**
   * An anchored node may be referenced elsewhere, and an alias is defined elsewhere, so neither is
   * edited.
   */
  private static Outline editable(Outline node, String key) {
    boolean alias = node instanceof Leaf leaf && leaf.style() == Outline.Style.ALIAS;
    if (alias || node.span().decorated()) {
      throw new UneditableException("its `" + key + "` has an anchor, an alias or a tag");
    }
    return node;
  }

  private static Pairs document(YamlFile file, String name) {
    List<Pairs> found = new ArrayList<>();
    for (Outline root : file.documents()) {
      if (root instanceof Pairs pairs && pairs.says("kind", "EgressWhitelist")) {
        pairs
            .only("metadata")
            .filter(pair -> pair.value() instanceof Pairs data && data.says("name", name))
            .ifPresent(pair -> found.add(pairs));
      }
    }
    if (found.size() != 1) {
      throw new UneditableException(
          (found.isEmpty() ? "no" : "more than one") + " whitelist `" + name + "` is in it");
    }
    editable(found.getFirst(), "document");
    return found.getFirst();
  }

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
}
