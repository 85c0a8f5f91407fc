package io.dropserver.schema.read;

import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Resource;

/**
 * One document, read and checked by itself.
 *
 * @param index among the documents of its file
 * @param nameLocation of {@code metadata.name}
 * @param resource holds what could be read; empty text stands for what could not
 * @param overrides what an appspace says itself of limits and backup; others say nothing
 */
record Document(int index, Location nameLocation, Resource resource, Overrides overrides) {}
