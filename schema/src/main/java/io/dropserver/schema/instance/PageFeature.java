package io.dropserver.schema.instance;

import java.util.Arrays;
import java.util.Optional;

/**
 * A part of the Content-Security-Policy that the owner of an appspace can relax for its pages. None
 * of them permits another destination.
 */
public enum PageFeature {
  /** Style attributes and style elements. */
  INLINE_STYLES("inlineStyles"),
  /** Script elements with text, event handler attributes and {@code javascript:} links. */
  INLINE_SCRIPTS("inlineScripts"),
  /** {@code eval} and {@code new Function}. */
  EVAL("eval"),
  /** Fonts from {@code data:} URLs. */
  DATA_FONTS("dataFonts"),
  /** Workers from {@code blob:} URLs. */
  BLOB_WORKERS("blobWorkers");

  private final String word;

  PageFeature(String word) {
    this.word = word;
  }

  /** Returns the name in YAML and in manifests. */
  public String word() {
    return word;
  }

  /** Returns the feature with this name in YAML. */
  public static Optional<PageFeature> find(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }
}
