// Only the behaviours whose components app.scss carries; every page works without them.
import {
  Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, NotificationBanner,
  PasswordInput, Radios, ServiceNavigation, SkipLink, Tabs, createAll
} from 'govuk-frontend'
import { Alert, SortableTable } from '@ministryofjustice/frontend'

for (const Component of [
  Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, NotificationBanner,
  PasswordInput, Radios, ServiceNavigation, SkipLink, Tabs, Alert, SortableTable
]) {
  createAll(Component)
}
