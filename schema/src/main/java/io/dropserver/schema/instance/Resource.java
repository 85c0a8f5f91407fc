package io.dropserver.schema.instance;

/** A declared object: the properties that all kinds share. */
public sealed interface Resource
    permits InstanceSettings, User, Group, App, Appspace, EgressWhitelist, Secret {
  Kind kind();

  /** Returns {@code metadata.name}: a DNS label that is unique within the kind. */
  String name();

  /** Returns where the document begins. */
  Location location();
}
