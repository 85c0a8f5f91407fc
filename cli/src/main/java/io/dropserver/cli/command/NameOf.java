package io.dropserver.cli.command;

import io.dropserver.schema.instance.Kind;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the name of an object of one kind, which may be written with its kind: {@code notes} or
 * {@code appspace/notes}.
 */
public abstract sealed class NameOf implements ITypeConverter<String> {
  private final Kind kind;

  private NameOf(Kind kind) {
    this.kind = kind;
  }

  public static final class AnAppspace extends NameOf {
    AnAppspace() {
      super(Kind.APPSPACE);
    }
  }

  public static final class AUser extends NameOf {
    AUser() {
      super(Kind.USER);
    }
  }

  public static final class AnApp extends NameOf {
    AnApp() {
      super(Kind.APP);
    }
  }

  /**
   * @throws TypeConversionException when the text names an object of another kind
   */
  @Override
  public String convert(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return text;
    }
    if (KindName.find(text.substring(0, slash)).filter(kind::equals).isEmpty()
        || slash == text.length() - 1) {
      String word = kind.text().toLowerCase(Locale.ROOT);
      throw new TypeConversionException(
          "'%s' does not name an object of this kind; write NAME or %s/NAME".formatted(text, word));
    }
    return text.substring(slash + 1);
  }
}
