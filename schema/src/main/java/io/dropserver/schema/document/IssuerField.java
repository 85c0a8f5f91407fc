package io.dropserver.schema.document;

import io.dropserver.base.text.IssuerUrl;
import java.util.Optional;

/** Reads the field {@code issuer}, which names an OpenID Connect provider. */
public final class IssuerField {
  private IssuerField() {}

  /** Returns the issuer; empty if it is missing. Reports an invalid one. */
  public static String read(MappingFields item) {
    Optional<String> issuer = item.text("issuer");
    issuer
        .filter(text -> !IssuerUrl.isValid(text))
        .ifPresent(
            text ->
                item.problem(
                    "issuer", Quoting.quote(text) + " is not an issuer", IssuerUrl.REMEDY));
    return issuer.orElse("");
  }
}
