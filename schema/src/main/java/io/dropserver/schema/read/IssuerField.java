package io.dropserver.schema.read;

import io.dropserver.schema.document.MappingFields;
import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.text.IssuerUrl;
import java.util.Optional;

/** Reads the field {@code issuer}, which names an OpenID Connect provider. */
final class IssuerField {
  private IssuerField() {}

  static String read(MappingFields item) {
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
