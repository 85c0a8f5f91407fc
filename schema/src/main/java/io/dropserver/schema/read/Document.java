package io.dropserver.schema.read;

import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Resource;

/**
 * One document, read and validated on its own.
 *
 * @param index position among the documents of its file
 * @param nameLocation location of {@code metadata.name}
 * @param resource the object; values that could not be read are empty
 * @param overrides the limits and backup values that an appspace sets itself; empty for other kinds
 */
record Document(int index, Location nameLocation, Resource resource, Overrides overrides) {}
