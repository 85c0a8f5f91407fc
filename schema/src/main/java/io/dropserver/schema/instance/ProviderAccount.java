package io.dropserver.schema.instance;

import java.util.Locale;

/**
 * An account at an OpenID Connect provider.
 *
 * @param issuer the provider's issuer
 * @param key how the account is identified
 * @param value the subject, exactly as the provider writes it, or a mail address in lower case
 */
public record ProviderAccount(String issuer, Key key, String value) {

  /** How an account is identified. The text form uses the lower-case name. */
  public enum Key {
    /** The claim {@code sub}, which a provider never reassigns. */
    SUBJECT,
    /** A mail address that the provider has verified. */
    MAIL
  }

  public static ProviderAccount ofSubject(String issuer, String subject) {
    return new ProviderAccount(issuer, Key.SUBJECT, subject);
  }

  /**
   * @param mail an address in ASCII
   */
  public static ProviderAccount ofMail(String issuer, String mail) {
    return new ProviderAccount(issuer, Key.MAIL, mail.toLowerCase(Locale.ROOT));
  }

  /** Returns the three parts, which identify the account. */
  public String text() {
    return issuer + " " + key.name().toLowerCase(Locale.ROOT) + " " + value;
  }
}
