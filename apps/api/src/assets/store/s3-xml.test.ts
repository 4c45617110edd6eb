import { expect, test } from 'vitest'
import { readListing, tagOf } from './s3-xml.ts'

/** As AWS answers, shortened. */
const LISTING = `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>files</Name><Prefix></Prefix>
<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken><KeyCount>2</KeyCount>
<MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated><Contents><Key>ab/one &amp; two</Key>
<LastModified>2026-11-29T20:00:00.000Z</LastModified><ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag>
<Size>11</Size><StorageClass>STANDARD</StorageClass></Contents><Contents><Key>ab/three</Key>
<LastModified>2026-11-28T20:00:00.000Z</LastModified><Size>4</Size><Owner><ID>1</ID></Owner></Contents>
</ListBucketResult>`

test('a listing is read, with where the next page begins', () => {
  expect(readListing(LISTING)).toEqual({
    objects: [
      { key: 'ab/one & two', writtenAt: new Date('2026-11-29T20:00:00Z') },
      { key: 'ab/three', writtenAt: new Date('2026-11-28T20:00:00Z') },
    ],
    next: '1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=',
  })
})

test.each(['', '<ListBucketResult/>', '<html>no S3</html>', '<Contents><Key>a</Key></Contents>'])(
  'nothing is in %j, and no page follows',
  (xml) => expect(readListing(xml)).toEqual({ objects: [], next: undefined }),
)

test('an entity stands for one character, once', () => {
  expect(tagOf('<Code>&lt;&amp;amp;&gt;&other;</Code>', 'Code')).toBe('<&amp;>&other;')
})
