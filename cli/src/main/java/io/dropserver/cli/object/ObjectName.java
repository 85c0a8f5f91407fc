package io.dropserver.cli.object;

import io.dropserver.cli.command.KindName;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.cli.output.CommandException;
import io.dropserver.control.ObjectStatus;
import io.dropserver.schema.instance.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a user names: all objects, the objects of one kind, or one object.
 *
 * @param kind empty for all kinds
 * @param name empty for all objects of the kind
 */
public record ObjectName(Optional<Kind> kind, Optional<String> name) {

  private static final String ALL = "all";

  /**
   * Parses {@code KIND}, {@code KIND/NAME} or {@code KIND NAME}. A single word that is not a kind
   * is the name of objects of any kind. The word {@code all} stands for all objects.
   *
   * @throws CommandException when the kind is unknown, or two names are given
   */
  static ObjectName parse(@Nullable String object, @Nullable String separateName) {
    if (object == null || (object.equals(ALL) && separateName == null)) {
      return new ObjectName(Optional.empty(), Optional.empty());
    }
    int slash = object.indexOf('/');
    if (slash < 0 && separateName == null && KindName.find(object).isEmpty()) {
      return new ObjectName(Optional.empty(), Optional.of(object));
    }
    if (slash < 0) {
      return new ObjectName(Optional.of(KindName.parse(object)), Optional.ofNullable(separateName));
    }
    if (separateName != null || slash == object.length() - 1) {
      throw new CommandException(
          object + " is not the name of one object", "write kind and name, such as appspace/notes");
    }
    return new ObjectName(
        Optional.of(KindName.parse(object.substring(0, slash))),
        Optional.of(object.substring(slash + 1)));
  }

  /**
   * Parses the name of one object.
   *
   * @throws CommandException when the text names no single object
   */
  public static ObjectName one(String object, @Nullable String separateName) {
    ObjectName parsed = parse(object, separateName);
    if (parsed.name().isEmpty()) {
      throw new CommandException(
          object + " is not the name of an object", "write kind and name, such as appspace/notes");
    }
    return parsed;
  }

  /**
   * Returns the named objects.
   *
   * @throws CommandException when one object is named that does not exist
   */
  List<ObjectStatus> find(ServerConnection server) {
    List<ObjectStatus> found = server.view().objects(kind.map(Kind::text), name);
    if (name.isPresent() && found.isEmpty()) {
      String word = kind.map(Kind::text).orElse("object");
      throw new CommandException(
          "there is no " + word + " named " + name.get(),
          kind.map(
                  it ->
                      "`dropserver get " + it.text().toLowerCase(Locale.ROOT) + "` lists the names")
              .orElse("`dropserver get` lists the names; the kinds are " + KindName.list()));
    }
    return found;
  }

  /**
   * Returns the only named object.
   *
   * @throws CommandException when it does not exist, or objects of several kinds have the name
   */
  public ObjectStatus findOne(ServerConnection server) {
    List<ObjectStatus> found = find(server);
    if (found.size() > 1) {
      throw new CommandException(
          "there are " + found.size() + " objects named " + name.orElseThrow(),
          "write one of: "
              + found.stream()
                  .map(each -> each.kind().toLowerCase(Locale.ROOT) + "/" + each.name())
                  .collect(Collectors.joining(", ")));
    }
    return found.getFirst();
  }
}
