package io.dropserver.web.identity;

import com.webauthn4j.data.attestation.statement.COSEAlgorithmIdentifier;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a page passes to {@code navigator.credentials}: JSON in the form of WebAuthn, section 5.4
 * and 5.5, bytes as base64url.
 *
 * <p>A passkey here is all that somebody shows, so it must verify its holder (by a PIN, a
 * fingerprint, …), and it must be found without a name.
 */
final class PasskeyOptions {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String KIND = "public-key";
  private static final String REQUIRED = "required";

  private PasskeyOptions() {}

  /**
   * To log in, by whichever passkey the person picks.
   *
   * @param challenge base64url
   */
  static String toLogIn(String challenge, Ceremony ceremony) {
    return MAPPER.writeValueAsString(
        Map.of(
            "challenge",
            challenge,
            "rpId",
            ceremony.domain(),
            "timeout",
            Challenges.LIFE.toMillis(),
            "userVerification",
            REQUIRED));
  }

  /**
   * To make one.
   *
   * @param challenge base64url
   * @param handle what the passkey calls its user, base64url
   * @param present credential ids of the user's others: no authenticator makes a second one
   */
  static String toMake(
      String challenge, Ceremony ceremony, Person person, String handle, List<String> present) {
    return MAPPER.writeValueAsString(
        Map.of(
            "challenge",
            challenge,
            "rp",
            Map.of("id", ceremony.domain(), "name", ceremony.domain()),
            "user",
            Map.of("id", handle, "name", person.name(), "displayName", person.displayName()),
            "pubKeyCredParams",
            PasskeyCheck.ALGORITHMS.stream().map(PasskeyOptions::algorithm).toList(),
            "timeout",
            Challenges.LIFE.toMillis(),
            "excludeCredentials",
            present.stream().map(id -> Map.of("type", KIND, "id", id)).toList(),
            "authenticatorSelection",
            Map.of(
                "residentKey", REQUIRED, "requireResidentKey", true, "userVerification", REQUIRED),
            "attestation",
            "none"));
  }

  private static Map<String, Object> algorithm(COSEAlgorithmIdentifier algorithm) {
    return Map.of("type", KIND, "alg", algorithm.getValue());
  }
}
