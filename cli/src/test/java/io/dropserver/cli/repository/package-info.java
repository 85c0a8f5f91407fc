@NullMarked
package io.dropserver.cli.repository;

import org.jspecify.annotations.NullMarked;
